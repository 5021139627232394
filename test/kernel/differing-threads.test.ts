// Threads whose name is not their process's: what they fork has the thread's name. Where no event
// tells it, wrong is worse than unknown.
import { expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Judge } from '../harness/judge.ts';
import { Maker } from '../harness/maker.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const N = 5;

describeWith(['events'], 'threads with a name of their own', () => {
  const stage = useStage();

  test('a thread keeps the name that its leader gives up, and so does what it forks', async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const { scrape } = await stage.perform('leader-rename', { comm, count: N, name });
    expect(pairOf(scrape, name, 0)).toEqual(counts({ forks: N, exits: N }));
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, threads: N, exits: N + 1 }));
  });

  test("a thread made by a renamed thread has that one's name: its child never has another", async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const { scrape } = await stage.perform('renamed-thread-spawn', { comm, count: N, name });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, threads: 2 * N, exits: 1 }));
  });

  testTotals(stage);
});

describeWith(['events'], 'threads with a name of their own from before the start', () => {
  test('what they fork has their name', async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const judge = await Judge.start();
    const maker = await Maker.start('serving-thread', { comm, count: N, name });
    const daemon = await Daemon.start();
    const { pids } = await maker.round();
    await judge.seenAll('exit', pids);
    const scrape = await daemon.scrape();
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N }));
    expect(pairOf(scrape, name, 0)).toEqual(counts({ exits: N }));
    await maker.finish();
    await daemon.stop();
    await judge.stop();
  });
});
