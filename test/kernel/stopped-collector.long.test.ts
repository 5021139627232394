// The collector thread alone is stopped: scrapes still answer, and health says so until it is back.
import { afterEach, expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import { Freezer, threadNamed } from '../harness/freezer.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

describeWith(['events'], 'a stopped collector thread', () => {
  const stage = useStage(['--collector.receive-buffer=512MiB']); // whatever the host does meanwhile
  let collector: Freezer | undefined;
  const freeze = async (): Promise<Freezer> =>
    (collector = await Freezer.freeze(threadNamed(stage.daemon.pid, 'collector')));
  afterEach(() => collector?.thaw()); // a second time it changes nothing
  const statusOf = async (target: string): Promise<number> =>
    (await stage.daemon.get(target)).status;

  test('a scrape answers with what was counted before, as stale; then with all', async () => {
    const comm = uniqueComm();
    const maker = await stage.start('fork', { comm, count: 3 });
    await stage.judge.seenAll('exit', maker.made.pids);
    expect(pairOf(await stage.daemon.scrape(), comm, 0)).toEqual(counts({ forks: 3, exits: 3 }));

    const frozen = await freeze();
    const { pids } = await maker.round();
    await stage.judge.seenAll('exit', pids);
    const stale = await stage.daemon.scrape({ 'x-prometheus-scrape-timeout-seconds': '0.4' });
    expect(pairOf(stale, comm, 0)).toEqual(counts({ forks: 3, exits: 3 }));
    expect(stale.value('procevents_stale_scrapes_total')).toBe(1);
    expect(openAccounts(stale)).toEqual([]);
    const again = await stage.daemon.scrape(); // without the header it does not wait for ever either
    expect(again.value('procevents_stale_scrapes_total')).toBe(2);

    await frozen.thaw();
    const fresh = await stage.daemon.scrape();
    expect(pairOf(fresh, comm, 0)).toEqual(counts({ forks: 6, exits: 6 }));
    expect(fresh.value('procevents_stale_scrapes_total')).toBe(2);
    await maker.finish();
  });

  test('health fails while it is stopped, says why once, and recovers', async () => {
    expect(await statusOf('/healthz')).toBe(200);
    const frozen = await freeze();
    await expect.poll(() => statusOf('/healthz'), PATIENT).toBe(503);
    const response = await stage.daemon.get('/healthz');
    expect(await response.json()).toMatchObject({
      status: 'failing',
      checks: { collector: { status: 'failing' } },
    });
    expect((await stage.daemon.scrape()).value('procevents_collector_up')).toBe(0);

    await frozen.thaw();
    await expect.poll(() => statusOf('/healthz'), PATIENT).toBe(200);
    expect((await stage.daemon.scrape()).value('procevents_collector_up')).toBe(1);
    const errors = stage.daemon.log.filter(({ level }) => Number(level) >= 50);
    expect(errors.map(({ check }) => check)).toEqual(['collector']);
  });

  testTotals(stage);
});
