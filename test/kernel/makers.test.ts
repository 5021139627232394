// The makers against the judge alone: what the kernel sends for each situation. When a later test
// finds a wrong figure, this one says whether the kernel or the daemon is to be asked.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Judge, type JudgeEvent } from '../harness/judge.ts';
import { Maker, type Made, type MakerOptions } from '../harness/maker.ts';
import { program, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const N = 4;
const UID = 61_001;

interface Sent {
  readonly made: Made;
  /** Of the maker and what it made, after its own rename. */
  readonly events: readonly JudgeEvent[];
  readonly counts: Readonly<Record<string, number>>;
}

describeWith(['events'], 'the kernel sends what a maker says it made', () => {
  let judge: Judge;

  beforeAll(async () => {
    judge = await Judge.start();
  });
  afterAll(async () => {
    await judge.stop();
  });

  async function sent(situation: string, options: MakerOptions = {}): Promise<Sent> {
    judge.take();
    const maker = await Maker.start(situation, { count: N, ...options, comm: uniqueComm() });
    const { made } = maker;
    const executes = options.program !== undefined && situation !== 'exec-fail';
    if (executes) await judge.seenAll('exec', made.pids);
    await maker.finish();
    await judge.seenAll('exit', [made.pid, ...made.pids, ...(executes ? [] : made.tids)]);
    const own = new Set([made.pid, ...made.pids]);
    const events = judge.take().filter(({ tgid }) => own.has(tgid));
    const begin = events.findIndex(({ kind, pid }) => kind === 'comm' && pid === made.pid);
    const counts: Record<string, number> = {};
    for (const { kind } of events.slice(begin + 1)) counts[kind] = (counts[kind] ?? 0) + 1;
    return { made, events: events.slice(begin + 1), counts };
  }

  // An EXIT of the maker itself is always there.
  const table: [string, MakerOptions, Record<string, number>][] = [
    ['fork', {}, { fork: N, exit: N + 1 }],
    ['vfork', {}, { fork: N, exit: N + 1 }],
    ['exit', { code: 3 }, { fork: N, exit: N + 1 }],
    ['signal', { signal: 15 }, { fork: N, exit: N + 1 }],
    ['signal', { signal: 6 }, { fork: N, coredump: N, exit: N + 1 }],
    ['held', {}, { fork: N, exit: N + 1 }],
    ['zombie', {}, { fork: N, exit: N + 1 }],
    ['double-fork', {}, { fork: 2 * N, exit: 2 * N + 1 }],
    ['ignored-children', {}, { fork: N, exit: N + 1 }],
    ['clone-parent', { name: 'H', secondName: 'K' }, { fork: 2 * N, comm: 2 * N, exit: 2 * N + 1 }],
    ['session', {}, { fork: N, sid: N, exit: N + 1 }],
    ['thread', {}, { fork: N, exit: N + 1 }],
    ['leader-exit', {}, { fork: 2 * N, exit: 2 * N + 1 }],
    ['renamed-thread-fork', { name: 'T' }, { fork: 2 * N, comm: N, exit: 2 * N + 1 }],
    ['leader-rename', { name: 'L' }, { fork: 3 * N, comm: N, exit: 3 * N + 1 }],
    ['renamed-thread-spawn', { name: 'T' }, { fork: 3 * N, comm: N, exit: 3 * N + 1 }],
    ['exit', { others: 4 }, { fork: 5 * N, exit: 5 * N + 1 }],
    ['thread-setresuid', { uid: UID }, { fork: 2 * N, uid: N, exit: 2 * N + 1 }],
    ['rename', { name: 'R' }, { fork: 2 * N, comm: N, exit: 2 * N + 1 }],
    ['self-rename', { name: 'S' }, { comm: 1, fork: N, exit: N + 1 }],
    ['setuid', { uid: UID }, { fork: 2 * N, uid: N, exit: 2 * N + 1 }],
    ['setresuid', { uid: UID }, { fork: 2 * N, uid: N, exit: 2 * N + 1 }],
    ['seteuid', { uid: UID }, { fork: 2 * N, uid: N, exit: 2 * N + 1 }],
    ['setgid', { gid: UID }, { fork: 2 * N, gid: N, exit: 2 * N + 1 }],
    ['ptrace', {}, { fork: N, ptrace: 2 * N, exit: N + 1 }],
    ['exec', { program: [program('linger')] }, { fork: N, exec: N, exit: N + 1 }],
    ['exec-fail', { program: ['/proc'] }, { fork: N, exit: N + 1 }],
    // The leader's EXIT is sent, then it comes back as the thread that executed; two others die.
    [
      'thread-exec',
      { program: [program('linger')], others: 2 },
      { fork: 4 * N, exec: N, exit: 4 * N + 1 },
    ],
  ];

  test.for(table)('%s %o', async ([situation, options, expected]) => {
    expect((await sent(situation, options)).counts).toEqual(expected);
  });

  test('a thread is forked by its process, but the kernel names the parent of that', async () => {
    const { made, events } = await sent('thread');
    const forks = events.filter(({ kind }) => kind === 'fork');
    expect(forks.map(({ pid }) => pid)).toEqual(made.tids);
    expect(new Set(forks.map(({ fields }) => fields[1]))).toEqual(new Set([process.pid]));
  });

  test('with CLONE_PARENT the kernel names the parent of the creator', async () => {
    const { made, events } = await sent('clone-parent', { name: 'H', secondName: 'K' });
    const parents = events.filter(({ kind }) => kind === 'fork').map(({ fields }) => fields[0]);
    expect(new Set(parents)).toEqual(new Set([made.pid]));
  });

  test('a child of one who ignores SIGCHLD ends with no parent', async () => {
    const { made, events } = await sent('ignored-children');
    const exits = events.filter(({ kind, pid }) => kind === 'exit' && pid !== made.pid);
    expect(exits.map(({ fields }) => fields.slice(4))).toEqual(made.pids.map(() => [0, 0]));
  });

  test('two threads that crash at once: one core at most, and everyone dies of the signal', async () => {
    const { made, events, counts } = await sent('crash-together', { count: 50, core: true });
    const dumps = counts['coredump'] ?? 0;
    expect(dumps).toBeGreaterThanOrEqual(50);
    expect(dumps).toBeLessThanOrEqual(100);
    const ends = events.filter(({ kind, tgid }) => kind === 'exit' && tgid !== made.pid);
    expect(new Set(ends.map(({ fields }) => (fields[2] ?? 0) & 0x7f))).toEqual(new Set([11]));
    expect(ends).toHaveLength(150);
  });
});
