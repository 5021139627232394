// A scrape holds every event that was queued when it was asked, no more and no less, in one cut.
import { expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const ROUNDS = 200;

for (const [how, flags] of [
  ['by default', []],
  ['when every event wakes it', ['--collector.gather=0']],
  ['when events gather for 20 ms', ['--collector.gather=20ms']],
] as const)
  describeWith(['events'], `read your writes, ${how}`, () => {
    const stage = useStage(flags);

    test('what the judge has seen is in the next scrape, 200 times in a row', async () => {
      const comm = uniqueComm();
      const maker = await stage.start('fork', { comm, count: 3 });
      await stage.judge.seenAll('exit', maker.made.pids);
      for (let round = 1; round <= ROUNDS; round++) {
        const scrape = await stage.daemon.scrape();
        expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: 3 * round, exits: 3 * round }));
        expect(openAccounts(scrape)).toEqual([]);
        const { pids } = await maker.round();
        await stage.judge.seenAll('exit', pids);
      }
      await maker.finish();
    });

    test('threads are there as processes are, 50 times in a row', async () => {
      const comm = uniqueComm();
      const maker = await stage.start('thread', { comm, count: 2 });
      await stage.judge.seenAll('exit', maker.made.tids);
      for (let round = 1; round <= 50; round++) {
        const scrape = await stage.daemon.scrape();
        expect(pairOf(scrape, comm, 0)).toEqual(counts({ threads: 2 * round }));
        const { tids } = await maker.round();
        await stage.judge.seenAll('exit', tids);
      }
      await maker.finish();
    });

    test('scrapes that arrive together agree', async () => {
      const { comm } = await stage.perform('fork', { count: 5 });
      const scrapes = await Promise.all(Array.from({ length: 20 }, () => stage.daemon.scrape()));
      for (const scrape of scrapes) {
        expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: 5, exits: 6 }));
        expect(openAccounts(scrape)).toEqual([]);
      }
    });

    test('no scrape of these was stale', async () => {
      expect((await stage.daemon.scrape()).value('procevents_stale_scrapes_total')).toBe(0);
    });

    testTotals(stage);
  });
