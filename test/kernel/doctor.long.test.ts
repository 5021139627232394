// The doctor on the real kernel: what it says is what the daemon would meet, its exit code can be relied on, and it leaves
// nothing behind.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAtLeast } from '../../src/doctor/kernel.ts';
import { parseSockets } from '../../src/doctor/listeners.ts';
import { Daemon, runToEnd, type DaemonOptions } from '../harness/daemon.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';

interface Found {
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly detail: string;
  readonly remedy?: string;
}

async function examine(options: DaemonOptions = {}) {
  const flags = ['doctor', '--json', ...(options.flags ?? [])];
  const run = await runToEnd({ ...options, flags });
  const { ok, checks } = JSON.parse(run.stdout) as {
    ok: boolean;
    checks: ({ name: string } & Found)[];
  };
  const by = Object.fromEntries(checks.map(({ name, ...found }) => [name, found]));
  const failing = checks.filter(({ status }) => status === 'failing').map(({ name }) => name);
  return { run, ok, checks, by, failing };
}

const listeners = () =>
  parseSockets(readFileSync('/proc/net/netlink', 'utf8')).filter(({ listens }) => listens).length;
const paranoid = Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
const NOBODY = ['setpriv', '--reuid', '65534', '--clear-groups', '--inh-caps=-all'];
const limited = (limit: string) => ['sh', '-c', `ulimit ${limit}; exec "$@"`, 'sh'];

describeWith(['events', 'unshare', 'setpriv'], 'the doctor', () => {
  test('finds all that the daemon needs, and ends with 0', async () => {
    const { run, ok, by, failing } = await examine();
    expect(run).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect({ ok, failing }).toEqual({ ok: true, failing: [] });
    const wanted = [
      'proc_events',
      'user_namespace',
      'pid_namespace',
      'net_namespace',
      'capabilities',
      'addon',
      'connector',
      'receive_buffer',
      'feed',
      'taskstats',
      'exec_names',
      'listeners',
      'procfs',
      'ring_memory',
      'locked_memory',
    ];
    for (const name of wanted) expect([name, by[name]]).toMatchObject([name, { status: 'ok' }]);
    expect(by['receive_buffer']?.detail).toMatch(/64 MiB asked, 128 MiB granted/);
    expect(Object.keys(by).toSorted()).toEqual([...wanted, 'kernel', 'open_files'].toSorted());
  });

  test('does not blame the limit on locked memory where perf is turned off', async () => {
    const { by } = await examine({ flags: ['--no-collector.perf'] });
    expect(by['locked_memory']).toMatchObject({ status: 'ok' });
  });

  test('says it in lines for people too', async () => {
    const run = await runToEnd({ flags: ['doctor'] });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^✓ connector +acknowledged after/m);
    expect(run.stdout).toMatch(/^Events will flow/m);
    const wrong = await runToEnd({ flags: ['doctor'], under: ['unshare', '--net'] });
    expect(wrong).toMatchObject({ code: 1, stderr: '' });
    expect(wrong.stdout).toMatch(
      /^✗ net_namespace .*\n +→ Run it in the host's network namespace/m,
    );
    expect(wrong.stdout).toMatch(/^Events will not flow/m);
  });

  test.for([
    ['net', ['--net']],
    ['user', ['--user']],
    ['user', ['--user', '--map-root-user']],
    ['pid', ['--pid', '--fork']],
    ['pid', ['--pid', '--fork', '--mount-proc']],
  ] as const)('names the %s namespace as what is wrong: unshare %j', async ([kind, flags]) => {
    const { run, ok, by, failing } = await examine({ under: ['unshare', ...flags] });
    expect(run).toMatchObject({ code: 1, signal: null, stderr: '' });
    expect(ok).toBe(false);
    expect(failing).toContain(`${kind}_namespace`);
    expect(failing).toContain('connector');
    const others = ['user', 'pid', 'net'].filter((other) => other !== kind);
    for (const other of others) expect(by[`${other}_namespace`]?.status).toBe('ok');
    for (const { status, remedy } of Object.values(by)) {
      expect(remedy === undefined).toBe(status === 'ok');
    }
  });

  test('says what an unprivileged user lacks, and what that costs', async () => {
    const { run, ok, by } = await examine({ under: NOBODY });
    expect(run).toMatchObject({ code: ok ? 0 : 1, signal: null, stderr: '' });
    expect(by['capabilities']?.status).not.toBe('ok');
    expect(by['capabilities']?.detail).toMatch(/^not root \(uid 65534\), without CAP_NET_ADMIN/);
    expect(by['receive_buffer']?.status).not.toBe('ok');
    expect(by['taskstats']?.status).toBe('degraded');
    expect(by['user_namespace']?.status).toBe('ok');
    expect(by['pid_namespace']?.status).toBe('ok');
    expect(by['net_namespace']?.status).toBe('ok');
  });

  test('tells an unprivileged user of a wrong network namespace, too', async () => {
    const { run, failing } = await examine({ under: ['unshare', '--net', ...NOBODY] });
    expect(run.code).toBe(1);
    expect(failing).toContain('net_namespace');
  });

  test.skipIf(paranoid < 1)('without CAP_PERFMON alone, events flow with fewer names', async () => {
    const { run, ok, by } = await examine({
      under: ['setpriv', '--bounding-set=-perfmon,-sys_admin', '--inh-caps=-all'],
    });
    expect({ code: run.code, ok }).toEqual({ code: 0, ok: true });
    expect(by['capabilities']).toMatchObject({ status: 'degraded' });
    expect(by['capabilities']?.detail).toMatch(/without CAP_PERFMON/);
    expect(by['exec_names']).toMatchObject({ status: 'degraded' });
    expect(by['exec_names']?.detail).toContain(`perf_event_paranoid is ${paranoid}`);
    expect(by['taskstats']).toMatchObject({ status: 'ok' });
  });

  test('takes the flags of the daemon', async () => {
    const { ok, by } = await examine({
      flags: [
        '--no-collector.perf',
        '--no-collector.taskstats',
        '--collector.receive-buffer=1MiB',
        '--collector.ring-slots=256',
      ],
    });
    expect(ok).toBe(true);
    expect(by['exec_names']).toMatchObject({ status: 'ok' });
    expect(by['exec_names']?.detail).toMatch(/^turned off/);
    expect(by['taskstats']?.detail).toMatch(/^turned off/);
    expect(by['receive_buffer']?.detail).toMatch(/^1 MiB asked, 2 MiB granted/);
    expect(by['ring_memory']?.detail).toMatch(/^16 KiB for 256 records/);
    const wrong = await examine({ flags: ['--path.procfs=/etc'] });
    expect(wrong.run.code).toBe(1);
    expect(wrong.failing).toEqual(['procfs']);
  });

  // Before 5.8 an option of one mount is the option of all mounts of the same pid namespace.
  test.skipIf(!isAtLeast(release(), 5, 8))('finds a procfs that hides processes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    try {
      const mount = `mount -t proc -o hidepid=2 proc ${folder} && exec "$@"`;
      const { ok, by } = await examine({
        flags: [`--path.procfs=${folder}`],
        under: ['unshare', '--mount', 'sh', '-c', mount, 'sh'],
      });
      expect(ok).toBe(true);
      expect(by['procfs']).toMatchObject({ status: 'degraded' });
      expect(by['procfs']?.detail).toMatch(/hidepid=(2|invisible)/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('works beside a daemon, names it, and does not make it deaf', async () => {
    const daemon = await Daemon.start();
    const { ok, by } = await examine();
    expect(ok).toBe(true);
    expect(by['listeners']?.detail).toContain(`pid ${daemon.pid} `);
    const forks = async () =>
      (await daemon.scrape()).value('procevents_events_total', { event: 'fork' });
    const before = await forks();
    spawnSync('true');
    await expect.poll(forks, PATIENT).toBeGreaterThan(before);
    await daemon.stop();
  });

  test('leaves no listener behind', async () => {
    const before = listeners();
    await examine();
    await examine({ under: ['unshare', '--pid', '--fork'] });
    await expect.poll(listeners, PATIENT).toBeLessThanOrEqual(before);
  });

  test('works with 32 descriptors, and says that they are few', async () => {
    const { run, ok, by } = await examine({ under: limited('-n 32') });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(ok).toBe(true);
    expect(by['open_files']).toMatchObject({ status: 'degraded' });
  });

  test('needs no standard output for its exit code', async () => {
    const closed = ['sh', '-c', 'exec "$@" >&-', 'sh'];
    expect(await runToEnd({ flags: ['doctor'], under: closed })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(
      await runToEnd({ flags: ['doctor'], under: [...closed, 'unshare', '--net'] }),
    ).toMatchObject({ code: 1, stderr: '' });
  });
});
