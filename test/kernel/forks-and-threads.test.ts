// How processes and threads begin: each situation, and exactly what the contract says of it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { growth, othersExits, testTotals, useStage } from '../harness/stage.ts';

const N = 7;
const THREAD_EXITS = 'procevents_thread_exits_total';

describeWith(['events'], 'forks and threads', () => {
  const stage = useStage();

  for (const situation of ['fork', 'vfork']) {
    test(`a ${situation} counts one fork for its parent and one exit for the child`, async () => {
      const { comm, scrape } = await stage.perform(situation, { count: N });
      expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1 }));
    });
  }

  test('a thread is no process: it counts as a thread creation and a thread exit', async () => {
    const performance = await stage.perform('thread', { count: 50 });
    expect(pairOf(performance.scrape, performance.comm, 0)).toEqual(
      counts({ threads: 50, exits: 1 }),
    );
    const ended = growth(performance, THREAD_EXITS);
    expect(ended).toBeGreaterThanOrEqual(50);
    expect(ended).toBeLessThanOrEqual(50 + othersExits(performance));
  });

  test('of a double fork, each process forks once and ends once', async () => {
    const { comm, scrape } = await stage.perform('double-fork', { count: N, code: 2 });
    expect(pairOf(scrape, comm, 0)).toEqual(
      counts({ forks: 2 * N, exits: 2 * N + 1, failures: N }),
    );
  });

  test('the children of one who ignores SIGCHLD end with their status', async () => {
    const { comm, scrape } = await stage.perform('ignored-children', { count: N, code: 3 });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, failures: N }));
  });

  test('with CLONE_PARENT the fork counts for the parent that the kernel names', async () => {
    const [helper, sibling] = [uniqueComm(), uniqueComm()];
    const names = { name: helper, secondName: sibling };
    const { comm, scrape } = await stage.perform('clone-parent', { count: N, ...names });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: 2 * N, exits: 1 }));
    expect(pairOf(scrape, helper, 0)).toEqual(counts({ exits: N }));
    expect(pairOf(scrape, sibling, 0)).toEqual(counts({ exits: N }));
  });

  test('a zombie has ended, although nobody has reaped it', async () => {
    const comm = uniqueComm();
    const maker = await stage.start('zombie', { comm, count: N });
    await stage.judge.seenAll('exit', maker.made.pids);
    expect(pairOf(await stage.daemon.scrape(), comm, 0)).toEqual(counts({ forks: N, exits: N }));
    await maker.finish();
    await stage.judge.seen('exit', maker.pid);
    expect(pairOf(await stage.daemon.scrape(), comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1 }),
    );
  });

  test('a leader that exits first does not end its process', async () => {
    const comm = uniqueComm();
    stage.judge.take();
    const before = await stage.daemon.scrape();
    const maker = await stage.start('leader-exit', { comm, count: N, code: 5 });
    await stage.judge.seenAll('exit', maker.made.pids);
    expect(pairOf(await stage.daemon.scrape(), comm, 0)).toEqual(counts({ forks: N, threads: N }));

    await maker.finish();
    await stage.judge.seenAll('exit', [maker.pid, ...maker.made.tids]);
    const scrape = await stage.daemon.scrape();
    expect(pairOf(scrape, comm, 0)).toEqual(
      counts({ forks: N, threads: N, exits: N + 1, failures: N }),
    );
    await stage.judge.totals();
    const performance = {
      comm,
      made: maker.made,
      before,
      scrape,
      events: stage.judge.take(),
    };
    const ended = growth(performance, THREAD_EXITS);
    expect(ended).toBeGreaterThanOrEqual(N);
    expect(ended).toBeLessThanOrEqual(N + othersExits(performance));
  });

  test("a renamed thread's child has the thread's name; the fork is its process's", async () => {
    const name = uniqueComm();
    const { comm, scrape } = await stage.perform('renamed-thread-fork', { count: N, name });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, threads: N, exits: 1 }));
    expect(pairOf(scrape, name, 0)).toEqual(counts({ exits: N }));
  });

  test('the live gauges are what /proc shows', async () => {
    const held = await stage.start('held', { comm: uniqueComm(), count: 20 });
    const zombies = await stage.start('zombie', { comm: uniqueComm(), count: 20 });
    const leaderless = await stage.start('leader-exit', { comm: uniqueComm(), count: 20 });
    await stage.judge.seenAll('exit', [...zombies.made.pids, ...leaderless.made.pids]);
    for (;;) {
      const before = alive();
      const { scrape } = await stage.cut();
      if (before === undefined || JSON.stringify(alive()) !== JSON.stringify(before)) continue;
      const processes = scrape.value('procevents_processes');
      const tasks = scrape.value('procevents_tasks');
      expect({ processes, tasks }).toEqual(before);
      break;
    }
    await Promise.all([held, zombies, leaderless].map((maker) => maker.finish()));
  });

  testTotals(stage);
});

// A task that is a zombie is no more; a process lives as long as one of its tasks does. Undefined when
// something went away meanwhile: then it was not one moment.
function alive(): { processes: number; tasks: number } | undefined {
  let processes = 0;
  let tasks = 0;
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const living = taskStates(pid).filter((state) => state !== 'Z' && state !== 'X').length;
      tasks += living;
      if (living > 0) processes += 1;
    }
  } catch {
    return undefined;
  }
  return { processes, tasks };
}

function taskStates(pid: string): string[] {
  const directory = `/proc/${pid}/task`;
  return readdirSync(directory).map((tid) => {
    const stat = readFileSync(`${directory}/${tid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  });
}
