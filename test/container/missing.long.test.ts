// The image without something of README.md's run line: one line that says what is missing, or the service that is left.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { credentialsOf, powerless } from '../harness/credentials.ts';
import { Daemon } from '../harness/daemon.ts';
import { listensUnasked } from '../harness/kernel-version.ts';
import { describeWith } from '../harness/requirements.ts';
import { makeBundle } from './bundle.ts';
import { makeImage, readmeFlags, runContained, startContained } from './containers.ts';

/** podman's own profile has allowed perf_event_open with CAP_PERFMON only since the end of 2025. */
const PERF_ALLOWED = ['--security-opt', 'seccomp=unconfined'];

const one = (code: string, words: string): RegExp =>
  new RegExp(`^procevents-exporter: [^\\n]*${words}[^\\n]* \\[${code}\\]\\. [^\\n]+\\n$`);

/** The run line without a flag of two words. */
function without(name: string, value: string): string[] {
  const flags = readmeFlags();
  const at = flags.findIndex((flag, i) => flag === name && flags[i + 1] === value);
  if (at === -1) throw new Error(`the run line has no ${name} ${value}`);
  return flags.toSpliced(at, 2);
}

const started = ({ log }: Daemon) => log.find(({ msg }) => msg === 'listening');

async function health(daemon: Daemon): Promise<unknown> {
  return (await daemon.get('/healthz')).json();
}

describeWith(['containers', 'events'], 'the image', () => {
  beforeAll(makeImage);

  test.for([
    [
      '--pid host',
      () => without('--pid', 'host'),
      'PROCEVENTS_CONNECTOR_NO_ACK',
      'not the init user or pid namespace',
    ],
    [
      '--network host',
      () => [...without('--network', 'host'), '--network', 'none'],
      'PROCEVENTS_CONNECTOR_SEND',
      "not the host's network namespace",
    ],
    [
      "the host's user namespace",
      () => [...readmeFlags(), '--uidmap', '0:100000:65536'],
      listensUnasked() ? 'PROCEVENTS_CONNECTOR_NO_ACK' : 'PROCEVENTS_CONNECTOR_BIND',
      listensUnasked() ? 'not the init user or pid namespace' : 'CAP_NET_ADMIN is missing',
    ],
  ] as const)('without %s says so and ends', async ([, flags, code, words]) => {
    const run = await runContained(flags());
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(one(code, words));
  });

  test('as root cannot become another user, and says so', async () => {
    const run = await runContained([...readmeFlags(), '--user', 'root']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(
      one('PROCEVENTS_USER_CHANGE', 'CAP_SETUID or CAP_SETGID is missing'),
    );
  });

  test.runIf(listensUnasked())(
    'without NET_ADMIN has no exit records and a small buffer, and says so',
    async () => {
      const flags = [...without('--cap-add', 'NET_ADMIN'), ...PERF_ALLOWED];
      const { daemon } = await startContained(flags, ['--collector.receive-buffer=1GiB']);
      expect(await health(daemon)).toMatchObject({
        status: 'degraded',
        checks: {
          feed: { status: 'ok' },
          loss: { detail: expect.stringMatching(/receive buffer is \d+ bytes/) },
          taskstats: { status: 'degraded', detail: expect.stringContaining('CAP_NET_ADMIN') },
          exec_names: { status: 'ok' },
        },
      });
      await daemon.stop();
    },
  );

  test.skipIf(listensUnasked())('without NET_ADMIN says so and ends', async () => {
    const run = await runContained(without('--cap-add', 'NET_ADMIN'));
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(one('PROCEVENTS_CONNECTOR_BIND', 'CAP_NET_ADMIN is missing'));
  });

  test.runIf(perfIsRestricted())('without PERFMON has no names by perf, and says so', async () => {
    const flags = [...without('--cap-add', 'PERFMON'), ...PERF_ALLOWED];
    const { daemon } = await startContained(flags);
    expect(started(daemon)).toMatchObject({
      execNames: expect.stringContaining('CAP_PERFMON is missing'),
      taskstats: true,
    });
    await daemon.stop();
  });

  test('where seccomp forbids perf_event_open says that, and serves', async () => {
    const { daemon } = await startContained(readmeFlags());
    // A newer podman allows it: true.
    const names = String(started(daemon)?.['execNames']);
    expect(names).toMatch(/^true$|a sandbox forbids it \(EPERM\)\. .* seccomp /);
    expect(await health(daemon)).toMatchObject({ checks: { feed: { status: 'ok' } } });
    await daemon.stop();
  });

  test('where seccomp forbids it has a doctor that names that, and nothing else', async () => {
    const run = await runContained(readmeFlags(), ['doctor', '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { checks } = JSON.parse(run.stdout) as { checks: { name: string; status: string }[] };
    const odd = checks.filter(({ status }) => status !== 'ok').map(({ name }) => name);
    expect(['exec_names', '']).toContain(odd.join());
  });

  test('where seccomp allows it has every witness', async () => {
    const { daemon } = await startContained([...readmeFlags(), ...PERF_ALLOWED]);
    expect(started(daemon)).toMatchObject({ execNames: true, taskstats: true });
    expect(await health(daemon)).toMatchObject({ status: 'ok' });
    await daemon.stop();
  });
});

// podman gives a user who is not root ambient capabilities, these do not.
describeWith(['containers', 'events'], 'the image, with capabilities as given by', () => {
  beforeAll(makeImage);

  test.for([
    ['Docker', { permitted: false, noNewPrivileges: false }],
    ['containerd', { permitted: true, noNewPrivileges: false }],
    ['containerd, with no_new_privs', { permitted: true, noNewPrivileges: true }],
  ] as const)('%s, has every witness, and then no capability', async ([, given]) => {
    const { command, pid } = makeBundle(given);
    const daemon = await Daemon.start({ command });
    expect(started(daemon)).toMatchObject({ execNames: true, taskstats: true });
    const wanted = powerless(11_011, 11_011, { CapBnd: '0000004000001000' });
    for (const thread of credentialsOf(pid())) expect(thread).toEqual(wanted);
    await daemon.stop();
  });

  test.runIf(listensUnasked())(
    'Docker, with no_new_privs, which leaves none, says what is missing',
    async () => {
      const { command } = makeBundle({ permitted: false, noNewPrivileges: true });
      const daemon = await Daemon.start({ command });
      const missing = expect.stringContaining('CAP_NET_ADMIN is missing');
      expect(started(daemon)).toMatchObject({ taskstats: missing });
      await daemon.stop();
    },
  );

  test('a runtime that mounts no /sys, says so and serves', async () => {
    const { command } = makeBundle({ permitted: true, noNewPrivileges: true, sysfs: false });
    const daemon = await Daemon.start({ command });
    expect(started(daemon)).toMatchObject({
      execNames: expect.stringContaining('/sys is not mounted (ENOENT). Mount sysfs at /sys.'),
      taskstats: expect.stringContaining('/sys is not mounted'),
    });
    await daemon.stop();
  });
});

/** Otherwise everybody may look at all CPUs. */
function perfIsRestricted(): boolean {
  return Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8')) > 0;
}
