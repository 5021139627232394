// However it is started: afterwards no thread holds a capability, none can gain one, and none is root unasked.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialsOf, powerless, type Credentials } from '../harness/credentials.ts';
import { Daemon, runToEnd, type DaemonOptions } from '../harness/daemon.ts';
import { listensUnasked } from '../harness/kernel-version.ts';
import { PATIENT } from '../harness/patience.ts';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const TWO = '+net_admin,+perfmon';
const AMBIENT = [...NOBODY, '--inh-caps', TWO, '--ambient-caps', TWO];
/** CAP_NET_ADMIN and CAP_PERFMON */
const BOTH = '0000004000001000';

/** For root alone, as mkdtemp makes it. */
const directory = mkdtempSync(path.join(tmpdir(), 'procevents-privilege-'));
afterAll(() => rmSync(directory, { recursive: true }));

const one = (code: string, word: RegExp): RegExp =>
  new RegExp(`^procevents-exporter: [^\\n]*${word.source}[^\\n]* \\[${code}\\]\\. [^\\n]+\\n$`);

/** Starts it, uses it, looks at its threads, ends it: the different credentials that its threads have. */
async function performed(
  options: DaemonOptions,
): Promise<{ readonly daemon: Daemon; readonly threads: readonly Credentials[] }> {
  const daemon = await Daemon.start(options);
  const answers = Array.from({ length: 8 }, (_, i) =>
    daemon.get(`/metrics?${i}`, { 'accept-encoding': 'gzip' }),
  );
  for (const answer of await Promise.all(answers)) await answer.arrayBuffer();
  const threads = credentialsOf(daemon.pid);
  if (threads.length <= 8) throw new Error(`${threads.length} threads: where is Node's pool?`);
  await daemon.stop();
  const different = new Map(threads.map((thread) => [JSON.stringify(thread), thread]));
  return { daemon, threads: [...different.values()] };
}

const started = ({ log }: Daemon) => log.find(({ msg }) => msg === 'listening');
const warnings = ({ log }: Daemon) => log.filter(({ level }) => level === 40);

describeWith(['events', 'setpriv'], 'a daemon started', () => {
  test('as root becomes nobody', async () => {
    const { daemon, threads } = await performed({});
    expect(threads).toEqual([powerless(65_534, 65_534)]);
    expect(started(daemon)).toMatchObject({
      privilege: { uid: 65_534, gid: 65_534, boundingSet: 'empty' },
      execNames: true,
      taskstats: true,
    });
    expect(warnings(daemon)).toEqual([]);
  });

  test('as root with supplementary groups keeps none of them', async () => {
    const under = ['setpriv', '--groups', '0,4,27'];
    const { threads } = await performed({ under });
    expect(threads).toEqual([powerless(65_534, 65_534)]);
  });

  test('as root with a uid that has no entry becomes that, with a group of the same number', async () => {
    const { threads } = await performed({ flags: ['--user=4321'] });
    expect(threads).toEqual([powerless(4321, 4321)]);
  });

  test('as root with a name becomes that user, with the group of its entry', async () => {
    const passwd = passwdOf('root:x:0:0', 'someone:x:4713:4714');
    const flags = [`--path.passwd=${passwd}`, '--user=someone'];
    const { threads } = await performed({ flags });
    expect(threads).toEqual([powerless(4713, 4714)]);
  });

  test('as root becomes the user procevents where there is one', async () => {
    const passwd = passwdOf('root:x:0:0', 'procevents:x:4711:4712');
    const { threads } = await performed({ flags: [`--path.passwd=${passwd}`] });
    expect(threads).toEqual([powerless(4711, 4712)]);
  });

  test('as root with a user of the group root warns of what that group may', async () => {
    const flags = [`--path.passwd=${passwdOf('someone:x:4713:0')}`, '--user=someone'];
    const { daemon, threads } = await performed({ flags });
    expect(threads).toEqual([powerless(4713, 0)]);
    expect(warnings(daemon)).toMatchObject([{ msg: expect.stringContaining('the group root') }]);
  });

  test('with --user=root stays root, without capabilities, and warns', async () => {
    const under = ['setpriv', '--groups', '0,4'];
    const wanted = powerless(0, 0, { Groups: '0 4' });
    const { daemon, threads } = await performed({ under, flags: ['--user=root'] });
    expect(threads).toEqual([wanted]);
    expect(warnings(daemon)).toMatchObject([{ msg: expect.stringContaining('runs as root') }]);
  });

  test('as nobody with ambient capabilities gives them up, and has every witness', async () => {
    const kept = /CapBnd:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'latin1'))![1]!;
    const wanted = powerless(65_534, 65_534, { CapBnd: kept });
    const { daemon, threads } = await performed({ under: AMBIENT });
    expect(threads).toEqual([wanted]);
    expect(started(daemon)).toMatchObject({ execNames: true, taskstats: true });
    expect(warnings(daemon)).toEqual([]);
  });

  test('as a unit does it: ambient capabilities, a small bounding set, NO_NEW_PRIVS', async () => {
    const under = [...AMBIENT, '--bounding-set', `-all,${TWO}`, '--no-new-privs'];
    const { threads } = await performed({ under });
    expect(threads).toEqual([powerless(65_534, 65_534, { CapBnd: BOTH })]);
  });

  test('as a container does it: root with two capabilities cannot become another, and says so', async () => {
    const under = ['setpriv', '--bounding-set', `-all,${TWO}`];
    const run = await runToEnd({ under });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(
      one('PROCEVENTS_USER_CHANGE', /CAP_SETUID or CAP_SETGID is missing/),
    );
    const stays = powerless(0, 0, { CapBnd: BOTH, Groups: '0' });
    const { threads } = await performed({
      under: [...under, '--groups', '0'],
      flags: ['--user=root'],
    });
    expect(threads).toEqual([stays]);
  });

  test.runIf(listensUnasked())('with nothing serves with a small buffer, and says so', async () => {
    const flags = ['--collector.receive-buffer=1GiB'];
    const daemon = await Daemon.start({ under: NOBODY, flags });
    const health = (await (await daemon.get('/healthz')).json()) as object;
    expect(health).toMatchObject({
      status: 'degraded',
      checks: {
        loss: { status: 'degraded', detail: expect.stringMatching(/receive buffer is \d+ bytes/) },
        taskstats: { status: 'degraded', detail: expect.stringContaining('CAP_NET_ADMIN') },
      },
    });
    await daemon.stop();
    expect(warnings(daemon)).toMatchObject([{ msg: expect.stringContaining('rmem_max') }]);
    const granted = Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8')) * 2;
    expect(started(daemon)).toMatchObject({ receiveBufferBytes: granted });
  });

  test('with a debugger and a large pool has no thread that was forgotten', async () => {
    const environment = { NODE_OPTIONS: '--inspect=127.0.0.1:0', UV_THREADPOOL_SIZE: '64' };
    const { threads } = await performed({ environment });
    expect(threads).toEqual([powerless(65_534, 65_534)]);
  });

  // Node 20's libuv has a ring from the start, with a thread in the kernel that takes no signal; later ones make it later.
  test.runIf(process.version.startsWith('v20.'))(
    'ends when a thread keeps its privilege',
    async () => {
      const run = await runToEnd({ environment: { UV_USE_IO_URING: '1' } });
      expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
      expect(run.stderr).toMatch(one('PROCEVENTS_PRIVILEGE', /\(iou-\S+\) keeps them/));
      expect(run.stderr).toContain('UV_USE_IO_URING=0');
    },
  );
});

describeWith(['events', 'setpriv', 'unshare'], 'a daemon that has dropped its privileges', () => {
  test.for(['json', 'pretty'])("serves from a clone that is root's alone (%s)", async (format) => {
    const clone = path.join(directory, format);
    mkdirSync(clone);
    expect(statSync(directory).mode & 0o077).toBe(0);
    // Of the program and its arguments, the program's file is the clone's.
    const script =
      'mount --bind "$1" "$2" && cd "$2" && node=$3 && shift 4 && exec "$node" dist/main.js "$@"';
    const under = ['unshare', '--mount', 'sh', '-c', script, 'sh', root, clone];
    const daemon = Daemon.launch({ under, flags: [`--log.format=${format}`] });
    await daemon.listening();
    for (const [target, status] of [
      ['/metrics', 200],
      ['/healthz', 200],
      ['/-/healthy', 200],
      ['/-/ready', 200],
      ['/', 200],
      ['/page/main.js', 200],
      ['/api/v1/summary', 200],
      ['/nowhere', 404],
      ['/%zz', 404],
    ] as const) {
      expect([target, (await daemon.get(target)).status]).toEqual([target, status]);
    }
    const openMetrics = { accept: 'application/openmetrics-text;version=1.0.0' };
    expect((await daemon.get('/metrics', openMetrics)).status).toBe(200);
    daemon.signal('SIGHUP');
    await daemon.stop();
    expect(daemon.stderr).toBe('');
  });

  test('shows its memory and its descriptors to nobody of its user', async () => {
    const daemon = await Daemon.start();
    for (const look of ['cat environ', 'cat maps', 'ls fd']) {
      const [command = '', ...args] = [...NOBODY, ...look.split(' ')];
      const { status, stdout } = spawnSync(command, args, { cwd: `/proc/${daemon.pid}` });
      expect({ look, succeeded: status === 0, saw: String(stdout) }).toEqual({
        look,
        succeeded: false,
        saw: '',
      });
    }
    await daemon.stop();
  });

  test('opens no debugger when its user is sent SIGUSR1', async () => {
    const daemon = await Daemon.start();
    daemon.signal('SIGUSR1');
    daemon.signal('SIGHUP'); // heard after it
    await expect.poll(() => daemon.log.map(({ msg }) => msg), PATIENT).toContain('reloaded');
    await daemon.scrape();
    await daemon.stop();
    expect(daemon.stderr).toBe('');
  });
});

// A copy: such a capability is for whoever may execute the file.
describeWith(['events', 'setpriv', 'setcap'], 'a node with file capabilities', () => {
  const open = mkdtempSync(path.join(tmpdir(), 'procevents-node-'));
  const node = path.join(open, 'node');
  afterAll(() => rmSync(open, { recursive: true }));
  beforeAll(() => {
    chmodSync(open, 0o711);
    copyFileSync(process.execPath, node);
    execFileSync('setcap', ['cap_net_admin,cap_perfmon=p', node]);
  });
  const command = [node, path.join(root, 'dist', 'main.js')];

  test('which permit only lets the daemon have every witness, and then nothing', async () => {
    const kept = /CapBnd:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'latin1'))![1]!;
    const { daemon, threads } = await performed({ under: NOBODY, command });
    expect(threads).toEqual([powerless(65_534, 65_534, { CapBnd: kept })]);
    expect(started(daemon)).toMatchObject({ execNames: true, taskstats: true });
    expect(warnings(daemon)).toEqual([]);
  });

  test('does without what the bounding set forbids, and says so', async () => {
    const under = [...NOBODY, '--bounding-set', '-all,+net_admin'];
    const { daemon } = await performed({ under, command });
    expect(started(daemon)).toMatchObject({
      execNames: expect.stringContaining('CAP_PERFMON is missing'),
      taskstats: true,
    });
  });
});

describeWith(['events', 'setpriv'], '--user', () => {
  test.for([
    ['a user that is not there', [], '--user=nosuchuser', /unknown user "nosuchuser"/],
    ['root by its number', [], '--user=0', /root by another name/],
    [
      'another user, started as nobody',
      NOBODY,
      '--user=1',
      /not started as root, but with uid 65534/,
    ],
    ['root, started as nobody', NOBODY, '--user=root', /not started as root/],
  ] as const)('%s', async ([, under, flag, words]) => {
    const run = await runToEnd({ under, flags: [flag] });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(one('PROCEVENTS_USER', words));
  });

  test('the user that it is already', async () => {
    const { daemon } = await performed({ under: AMBIENT, flags: ['--user=65534'] });
    expect(started(daemon)).toMatchObject({ privilege: { uid: 65_534 } });
  });
});

function passwdOf(...entries: readonly string[]): string {
  const file = path.join(directory, `passwd-${entries.length}-${entries.at(-1)}`);
  writeFileSync(file, entries.map((entry) => `${entry}::/:/bin/false\n`).join(''));
  return file;
}
