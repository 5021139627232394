// The daemon on the kernel of a fresh boot. The order counts: before Linux 6.6 the number of listeners is one for the
// whole host, and each daemon that ends without privilege leaves it one too high; so silence comes first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { native } from '../../../src/collector/native.ts';
import { credentialsOf, powerless } from '../../harness/credentials.ts';
import { Daemon, runToEnd } from '../../harness/daemon.ts';
import { EVENT_KINDS } from '../../harness/judge.ts';
import { counts, pairOf } from '../../harness/pairs.ts';
import { PATIENT } from '../../harness/patience.ts';
import { program, ProgramCopies, uniqueComm } from '../../harness/programs.ts';
import { testTotals, useStage } from '../../harness/stage.ts';
import { Storm } from '../../harness/storm.ts';

const N = 3;
const SIGABRT = 6;
const NOBODY_UID = 65_534;
const PARANOID = '/proc/sys/kernel/perf_event_paranoid';
const CPU = 'procevents_exited_cpu_seconds_total';
const [MAJOR = 0, MINOR = 0] = release().split('.').map(Number);
/** From Linux 6.6 on each listener has a state of its own, and anybody may listen. */
const MODERN = MAJOR > 6 || (MAJOR === 6 && MINOR >= 6);

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const holding = (capabilities: string): string[] => [
  ...NOBODY,
  `--inh-caps=${capabilities}`,
  `--ambient-caps=${capabilities}`,
];

const one = (code: string, words: RegExp): RegExp =>
  new RegExp(`^procevents-exporter: [^\\n]*${words.source}[^\\n]* \\[${code}\\]\\. [^\\n]+\\n$`);

const listening = ({ log }: Daemon) => log.find(({ msg }) => msg === 'listening');

// From 6.6 on it can be silenced only from within, see test/kernel/silent-feed.test.ts.
describe.runIf(!MODERN)("a feed that another program's IGNORE has silenced", () => {
  test('ends the daemon, which has no privilege to ask anew, with a line that says so; a new one serves', async () => {
    // Two listeners: this one, and the daemon. Each IGNORE takes one off.
    const { fd } = native().openConnector(65_536, 10_000);
    const deafened = await Daemon.start();
    for (const _ of [1, 2]) {
      const hush = spawn(program('hush'), ['3', 'ignore'], {
        stdio: ['ignore', 'ignore', 'inherit', fd],
      });
      expect(await once(hush, 'exit')).toEqual([0, null]);
    }
    const storm = new Storm('fork', '--rate', '5', '--seconds', '600');
    expect(await deafened.ended).toEqual({ code: 1, signal: null });
    await storm.kill();
    expect(deafened.stderr).toMatch(one('PROCEVENTS_FEED_SILENT', /sends no events/));

    const next = await Daemon.start();
    const forks = async (): Promise<number> =>
      (await next.scrape()).value('procevents_events_total', { event: 'fork' });
    const before = await forks();
    await new Storm('fork', '--count', '10').done();
    expect((await forks()) - before).toBeGreaterThanOrEqual(10);
    await next.stop();
  });
});

describe('a start that cannot succeed says why in one line', () => {
  const missing = ['PROCEVENTS_CONNECTOR_BIND', /CAP_NET_ADMIN is missing/] as const;
  const noAck = ['PROCEVENTS_CONNECTOR_NO_ACK', /not the init user or pid namespace/] as const;
  const otherNet = ['PROCEVENTS_CONNECTOR_SEND', /not the host's network namespace/] as const;

  test.for([
    ['another pid namespace', ['unshare', '--pid', '--fork'], noAck],
    ['another user namespace', ['unshare', '--user'], MODERN ? noAck : missing],
    ['another network namespace', ['unshare', '--net'], otherNet],
    ...(MODERN ? [] : ([['no capability', NOBODY, missing]] as const)),
  ] as const)('%s', async ([, under, [code, words]]) => {
    const run = await runToEnd({ under });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(one(code, words));
  });
});

describe('a start that misses a capability serves without what needs it, and says so', () => {
  test('CAP_NET_ADMIN and CAP_PERFMON: everything', async () => {
    writeFileSync(PARANOID, '2');
    const daemon = await Daemon.start({ under: holding('+net_admin,+perfmon') });
    expect(listening(daemon)).toMatchObject({ execNames: true, taskstats: true });
    await daemon.stop();
  });

  // Level 3 is a patch of Debian's, and its default: some of its kernels want CAP_SYS_ADMIN then.
  test('the same where the kernel is more careful: names from perf, or a word about them', async () => {
    writeFileSync(PARANOID, '3');
    const daemon = await Daemon.start({ under: holding('+net_admin,+perfmon') });
    const { execNames } = listening(daemon)!;
    expect(String(execNames)).toMatch(/^true$|kernel\.perf_event_paranoid forbids it/);
    const up = (await daemon.scrape()).value('procevents_exec_names_up');
    expect(up).toBe(execNames === true ? 1 : 0);
    await daemon.stop();
    process.stdout.write(`perf_event_paranoid 3 on ${release()}: ${String(execNames)}\n`);
  });

  test('CAP_NET_ADMIN alone: no names from perf', async () => {
    const daemon = await Daemon.start({ under: holding('+net_admin') });
    expect(listening(daemon)).toMatchObject({
      execNames: expect.stringContaining('CAP_PERFMON is missing'),
      taskstats: true,
    });
    const scrape = await daemon.scrape();
    expect(scrape.value('procevents_exec_names_up')).toBe(0);
    expect(scrape.value('procevents_taskstats_up')).toBe(1);
    await daemon.stop();
  });

  test.runIf(MODERN)('none at all: no taskstats, and the small buffer', async () => {
    const daemon = await Daemon.start({ under: NOBODY });
    expect(listening(daemon)).toMatchObject({
      taskstats: expect.stringContaining('CAP_NET_ADMIN is missing'),
    });
    const scrape = await daemon.scrape();
    expect(scrape.value('procevents_collector_up')).toBe(1);
    expect(scrape.value('procevents_taskstats_up')).toBe(0);
    const { checks } = (await (await daemon.get('/healthz')).json()) as {
      readonly checks: Readonly<Record<string, { readonly status: string }>>;
    };
    expect(checks).toMatchObject({
      feed: { status: 'ok' },
      loss: { status: 'degraded', detail: expect.stringMatching(/receive buffer is \d+ bytes/) },
      taskstats: { status: 'degraded' },
    });
    await daemon.stop();
  });
});

describe('a daemon that root has started', () => {
  const stage = useStage();

  test('has every witness, and no privilege on any thread', async () => {
    expect(listening(stage.daemon)).toMatchObject({ execNames: true, taskstats: true });
    const threads = credentialsOf(stage.daemon.pid);
    expect(threads.length).toBeGreaterThan(8);
    for (const thread of threads) expect(thread).toEqual(powerless(NOBODY_UID, NOBODY_UID));
  });

  test('counts every kind of event as the kernel sent it', async () => {
    const before = await stage.cut();
    const [name, ran] = [uniqueComm(), uniqueComm()];
    const copies = new ProgramCopies();
    const situations = [
      ['thread', {}],
      ['setuid', {}],
      ['setgid', {}],
      ['session', {}],
      ['ptrace', {}],
      ['rename', { name }],
      ['exec-run', { program: [copies.add('nothing', ran)] }],
      ['signal', { signal: SIGABRT }],
    ] as const;
    for (const [situation, options] of situations) {
      await stage.perform(situation, { count: N, ...options });
    }
    copies.remove();
    const after = await stage.cut();
    for (const event of EVENT_KINDS) {
      const at = (cut: typeof after): number =>
        cut.scrape.value('procevents_events_total', { event });
      expect([event, at(after) - at(before)]).toEqual([
        event,
        after.totals[event] - before.totals[event],
      ]);
      expect([event, at(after) - at(before) >= N]).toEqual([event, true]);
    }
    expect(pairOf(after.scrape, name, 0)).toEqual(counts({ forks: N, exits: 2 * N }));
  });

  test('names what has ended before anybody could look, and knows its time', async () => {
    const name = uniqueComm();
    const copies = new ProgramCopies();
    const { scrape } = await stage.perform('exec-run', {
      count: N,
      program: [copies.add('nothing', name)],
    });
    copies.remove();
    expect(pairOf(scrape, name, 0)).toEqual(counts({ execs: N, exits: N }));
    expect(scrape.series(CPU).map(({ labels }) => labels['comm'])).toContain(name);
  });

  test('a crash is a core dump, and the core that was written is told', async () => {
    const options = { count: N, signal: SIGABRT, core: true };
    const { comm, scrape } = await stage.perform('signal', options);
    expect(pairOf(scrape, comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, SIGABRT: N, coredumps: N, coresWritten: N }),
    );
  });

  testTotals(stage);
});

describe('a daemon without taskstats', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.start({ flags: ['--no-collector.taskstats'] });
  });

  test('counts all the same, and no time', async () => {
    const forks = async (): Promise<number> =>
      (await daemon.scrape()).value('procevents_events_total', { event: 'fork' });
    const before = await forks();
    await new Storm('fork', '--count', '10').done();
    await expect.poll(forks, PATIENT).toBeGreaterThanOrEqual(before + 10);
    const scrape = await daemon.scrape();
    expect(scrape.value('procevents_taskstats_up')).toBe(0);
    expect(scrape.sum(CPU)).toBe(0);
    await daemon.stop();
  });
});
