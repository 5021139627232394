// A storm that does not end: "until the queue is empty" never comes, and every scrape answers.
import { afterEach, expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import { ledgerError, settledCut } from '../harness/ledger.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const SCRAPES = 20;

describeWith(['events'], 'an endless storm', () => {
  const stage = useStage([], { quiet: true, judgeMayLose: true });
  const storms: Storm[] = [];
  afterEach(async () => {
    await Promise.all(storms.splice(0).map((storm) => storm.kill()));
  });

  for (const [kind, event] of [
    ['vfork', 'fork'],
    ['thread', 'fork'],
    ['prctl', 'comm'],
  ] as const) {
    test(`of ${kind}: scrapes answer, tell news, and the books are closed in each`, async () => {
      storms.push(new Storm(kind, '--seconds', '60'), new Storm(kind, '--seconds', '60'));
      let last = 0;
      const next = async (): Promise<number> => {
        const scrape = await stage.daemon.scrape();
        expect(openAccounts(scrape)).toEqual([]);
        return scrape.value('procevents_events_total', { event });
      };
      for (let i = 0; i < SCRAPES; i++) {
        await expect.poll(async () => (last = await next()), PATIENT).toBeGreaterThan(last);
      }
    });
  }

  test('afterwards the books are closed: what was not received is known as lost', async () => {
    const cut = await settledCut(stage);
    expect(ledgerError(stage.first, cut)).toBe(0);
    expect(openAccounts(cut.scrape)).toEqual([]);
    expect((await stage.daemon.get('/healthz')).status).toBe(200);
  });
});
