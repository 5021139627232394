// After a loss nobody is who he was until /proc says so: a rename or a start that was never seen must
// not leave a wrong name behind.
import { afterEach, expect, test } from 'vitest';
import { Freezer } from '../harness/freezer.ts';
import { lost, settledCut } from '../harness/ledger.ts';
import { Maker } from '../harness/maker.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { queuedBytes } from '../harness/queue.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage, type Stage } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const N = 3;

interface Meanwhile {
  /** Makes the daemon miss what happens until the returned function is called. */
  (stage: Stage): Promise<() => Promise<void>>;
}

const stopped: Meanwhile = async (stage) => {
  stage.daemon.signal('SIGSTOP');
  await new Storm('vfork', '--count', '500', '--procs', '2').done();
  expect(queuedBytes(stage.daemon.pid)).toBeGreaterThan(64 * 1024); // full: the kernel doubles the size
  return async () => {
    stage.daemon.signal('SIGCONT');
    await settledCut(stage);
  };
};

const ringFull: Meanwhile = async (stage) => {
  const main = await Freezer.freeze(stage.daemon.pid);
  await new Storm('vfork', '--count', '500', '--procs', '2').done();
  return async () => {
    await expect.poll(() => queuedBytes(stage.daemon.pid), PATIENT).toBe(0); // the collector has shed it all
    await main.thaw();
    await stage.cut();
  };
};

for (const [what, flags, missing, count] of [
  ['lost events', ['--collector.receive-buffer=64KiB'], stopped, lost],
  [
    'shed events',
    ['--collector.ring-slots=256'],
    ringFull,
    ({ scrape }) => scrape.sum('procevents_shed_events_total'),
  ],
] as const satisfies readonly [string, readonly string[], Meanwhile, typeof lost][]) {
  describeWith(['events'], `after ${what}`, () => {
    const stage = useStage(flags);
    afterEach(() => stage.daemon.signal('SIGCONT'));

    test('who was renamed meanwhile forks under the new name', async () => {
      const [comm, name] = [uniqueComm(), uniqueComm()];
      const maker = await stage.start('rename-then-fork', { comm, count: N, name });
      await stage.cut();
      const end = await missing(stage);
      await maker.round();
      await end();
      expect(count(await stage.cut())).toBeGreaterThan(0);
      const { pids } = await maker.round();
      await stage.judge.seenAll('exit', pids);
      const scrape = await stage.daemon.scrape();
      expect(pairOf(scrape, comm, 0)).toBeUndefined();
      expect(pairOf(scrape, name, 0)).toEqual(counts({ forks: N, exits: N }));
      await maker.finish();
    });

    test('who was born meanwhile forks under his name', async () => {
      const comm = uniqueComm();
      const end = await missing(stage);
      const maker = await Maker.start('fork', { comm, count: N });
      await end();
      const { pids } = await maker.round();
      await stage.judge.seenAll('exit', pids);
      const scrape = await stage.daemon.scrape();
      expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N }));
      await maker.finish();
    });
  });
}
