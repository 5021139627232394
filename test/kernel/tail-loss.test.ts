// What is lost at the very end of a storm is known at the next scrape, although no event follows
// that would show it.
import { afterEach, expect, test } from 'vitest';
import { ledgerError, lost, settledCut } from '../harness/ledger.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const ROUNDS = 20;

describeWith(['events'], 'a loss at the end of a storm', () => {
  const stage = useStage(['--collector.receive-buffer=16KiB'], { quiet: true });

  afterEach(() => stage.daemon.signal('SIGCONT'));

  test(`is known at the next scrape, ${ROUNDS} times in a row`, async () => {
    let before = await settledCut(stage);
    for (let round = 0; round < ROUNDS; round++) {
      stage.daemon.signal('SIGSTOP');
      await new Storm('fork', '--count', '300', '--procs', '2').done();
      stage.daemon.signal('SIGCONT');
      const after = await stage.cut();
      expect({ round, error: ledgerError(before, after) }).toEqual({ round, error: 0 });
      expect(lost(after) - lost(before)).toBeGreaterThan(500);
      before = after;
    }
  });
});
