// `watch` on the real kernel: what it tells is what the kernel sent, it ends when it should, and it holds no privilege.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Judge } from '../harness/judge.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { Watch, pidOf, watchInto } from '../harness/watch.ts';

const makeOne = (): void => void spawnSync('true');

describeWith(['events'], 'watch', () => {
  test('tells of processes from fork to end, of a chosen comm only, and sums up', async () => {
    const comm = uniqueComm();
    const watch = await Watch.start([`--comm=${comm}`]);
    const maker = await Maker.perform('exit', { comm, count: 3, code: 7 });
    await Maker.perform('exit', { comm: uniqueComm(), count: 3 });
    const ends = () => watch.lines.filter((line) => / exit /.test(line));
    await vi.waitFor(() => expect(ends()).toHaveLength(4), PATIENT);
    const { pid, pids } = maker.made;
    const of = (one: number) =>
      watch.lines
        .slice(1)
        .filter((line) => pidOf(line) === one)
        .map((line) => line.slice(13).replace(/ after [\d.]+(µs|ms|s)$/, ' after some time'));
    const column = (text: string | number) => String(text).padStart(7);
    expect(of(pid)).toEqual([
      `comm     ${column(pid)} ${column(process.pid)} root       ${comm.padEnd(15)} new name`,
      `exit     ${column(pid)} ${column(process.pid)} root       ${comm.padEnd(15)} 0 after some time`,
    ]);
    for (const child of pids) {
      expect(of(child)).toEqual([
        `fork     ${column(child)} ${column(pid)} root       ${comm}`,
        `exit     ${column(child)} ${column(pid)} root       ${comm.padEnd(15)} 7 after some time`,
      ]);
    }
    expect(await watch.stop()).toEqual({ code: 0, signal: null });
    expect(watch.lines).toHaveLength(1 + 2 + 2 * 3);
    expect(watch.stderr).toMatch(/^[\d,]+ events in [\d.]+ s \([\d,]+\/s\), 8 shown, none lost\n$/);
  });

  test('as JSON has every event of every kind, with the kernel’s own numbers', async () => {
    const judge = await Judge.start();
    const watch = await Watch.startJson([], makeOne);
    judge.take();
    const makers = [
      await Maker.perform('exit', { count: 2, code: 3 }),
      await Maker.perform('signal', { count: 2, signal: 9 }),
      await Maker.perform('signal', { count: 2, signal: 6 }),
      await Maker.perform('setuid', { uid: 61_001 }),
      await Maker.perform('setgid', { gid: 61_002 }),
      await Maker.perform('session', {}),
      await Maker.perform('ptrace', {}),
      await Maker.perform('thread', { count: 2 }),
      await Maker.perform('rename', { name: 'renamed' }),
      await Maker.perform('exec', { program: ['/bin/true'] }),
    ];
    const own = new Set(makers.flatMap(({ made }) => [made.pid].concat(made.pids)));
    await judge.seenAll('exit', [...own]);
    await judge.totals();
    const sent = judge
      .take()
      .filter(({ kind, tgid }) => kind !== 'none' && own.has(tgid))
      .map(({ kind, pid, tgid, cpu, seq, timestamp }) =>
        [kind, pid, tgid, cpu, seq, timestamp].join(' '),
      );
    const told = () =>
      watch.records
        .filter(({ tgid }) => own.has(tgid))
        .map(({ kind, pid, tgid, cpu, seq, timestamp_ns: time }) =>
          [kind, pid, tgid, cpu, seq, time].join(' '),
        );
    await vi.waitFor(() => expect(told().toSorted()).toEqual(sent.toSorted()), PATIENT);
    const kinds = new Set(watch.records.filter(({ tgid }) => own.has(tgid)).map((r) => r.kind));
    expect([...kinds].toSorted()).toEqual(
      ['comm', 'coredump', 'exec', 'exit', 'fork', 'gid', 'ptrace', 'sid', 'uid'].toSorted(),
    );
    const killed = watch.records.filter(({ signal }) => signal === 'SIGKILL');
    expect(killed.length).toBeGreaterThanOrEqual(2);
    expect(await watch.stop()).toEqual({ code: 0, signal: null });
    await judge.stop();
  });

  test('without threads a process ends once, with its own status, and its crash is shown', async () => {
    const watch = await Watch.startJson(['--no-threads', '--events=exit,coredump'], makeOne);
    const program = ['/bin/sh', '-c', 'read line; exit 5'];
    const executed = await Maker.perform('thread-exec', { count: 3, others: 2, program });
    const leaderless = await Maker.perform('leader-exit', { count: 3, code: 9 });
    const crashed = await Maker.perform('crash-together', { count: 3 });
    const told = (maker: Maker) =>
      maker.made.pids.map((pid) =>
        watch.records
          .filter(({ tgid }) => tgid === pid)
          .map(({ kind, exit_status: status, signal, ends_process: ends }) =>
            kind === 'coredump' ? kind : JSON.stringify([status ?? signal, ends]),
          ),
      );
    const last = (pid: number) =>
      expect(watch.records).toContainEqual(expect.objectContaining({ tgid: pid, kind: 'exit' }));
    await vi.waitFor(() => last(crashed.pid), PATIENT);
    expect(told(executed)).toEqual(Array.from({ length: 3 }, () => ['[5,true]']));
    expect(told(leaderless)).toEqual(Array.from({ length: 3 }, () => ['[9,true]']));
    for (const lines of told(crashed)) {
      expect(lines).toContain('coredump');
      expect(lines.filter((line) => line !== 'coredump')).toEqual(['["SIGSEGV",true]']);
    }
    await watch.stop();
  });

  test('head ends it at once, without an error', () => {
    const run = watchInto('head -n 3', '');
    expect(run.stdout).toMatch(/^TIME .*\n.*\n.*\n0\n$/);
    expect(run.stderr).toBe('');
  });

  test('ends after so many events, after some time, and by signals', async () => {
    const counted = new Watch(['--count=3', '--json']);
    await vi.waitFor(async () => {
      makeOne();
      expect(await Promise.race([counted.ended, Promise.resolve()])).toEqual({
        code: 0,
        signal: null,
      });
    }, PATIENT);
    expect(counted.lines).toHaveLength(3);
    expect(counted.stderr).toMatch(/ 3 shown, none lost\n$/);
    const timed = new Watch(['--duration=100ms', `--comm=${uniqueComm()}`]);
    expect(await timed.ended).toEqual({ code: 0, signal: null });
    expect(timed.stderr).toMatch(/^[\d,]+ events? in [\d.]+ s .* 0 shown, none lost\n$/);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const watch = await Watch.start([]);
      expect(await watch.stop(signal)).toEqual({ code: 0, signal: null });
    }
  });

  test('does not count what it does itself', async () => {
    const judge = await Judge.start();
    const watch = new Watch(['--duration=100ms']);
    await watch.ended;
    await judge.totals();
    const others = judge.take().filter(({ kind, tgid }) => kind !== 'none' && tgid !== watch.pid);
    const [, seen = ''] = /^([\d,]+) events? in /.exec(watch.stderr) ?? [];
    expect(Number(seen.replaceAll(',', ''))).toBeLessThanOrEqual(others.length);
    await judge.stop();
  });

  test('tells all that was before it is ended', async () => {
    const judge = await Judge.start();
    const comm = uniqueComm();
    const watch = await Watch.start([`--comm=${comm}`]);
    const { made } = await Maker.perform('exit', { comm, count: 200 });
    await judge.seenAll('exit', [made.pid, ...made.pids]);
    await watch.stop();
    expect(watch.lines).toHaveLength(1 + 2 + 2 * 200);
    await judge.stop();
  });

  test('keeps no privilege, on no thread', async () => {
    const watch = await Watch.start([]);
    const tasks = readdirSync(`/proc/${watch.pid}/task`);
    for (const tid of tasks) {
      const status = readFileSync(`/proc/${watch.pid}/task/${tid}/status`, 'utf8');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
        expect(status).toMatch(new RegExp(`^${set}:\\t0{16}$`, 'm'));
      }
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).not.toMatch(/^[UG]id:.*\t0\b/m);
    }
    await watch.stop();
  });
});

describeWith(['events', 'core-files'], 'watch and cores', () => {
  test('the end of a process says that a core was written, whichever thread wrote it', async () => {
    const watch = await Watch.startJson(['--no-threads', '--events=exit'], makeOne);
    // Often, not always, another task than the last.
    const { made } = await Maker.perform('signal', { count: 40, signal: 6, core: true, others: 4 });
    const ends = () => watch.records.filter(({ tgid }) => made.pids.includes(tgid));
    await vi.waitFor(() => expect(ends()).toHaveLength(40), PATIENT);
    for (const end of ends()) expect(end).toMatchObject({ signal: 'SIGABRT', core_written: true });
    await watch.stop();
  });
});

describeWith(['events'], 'watch beside the daemon', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.start();
  });
  afterAll(() => daemon.stop());

  test('both have all of it', async () => {
    const comm = uniqueComm();
    const watch = await Watch.start([`--comm=${comm}`]);
    await Maker.perform('exit', { comm, count: 20 });
    await vi.waitFor(() => expect(watch.lines).toHaveLength(1 + 2 + 2 * 20), PATIENT);
    const scrape = await daemon.scrape();
    expect(scrape.value('procevents_forks_total', { comm, uid: '0' })).toBe(20);
    expect(scrape.sum('procevents_lost_events_total')).toBe(0);
    await watch.stop();
    // Its end silences nobody.
    await Maker.perform('exit', { comm, count: 20 });
    const later = await daemon.scrape();
    expect(later.value('procevents_forks_total', { comm, uid: '0' })).toBe(40);
  });
});
