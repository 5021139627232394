// The daemon's answers in both formats, plain and compressed, while events come.
import { expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { openAccounts } from '../harness/conservation.ts';
import { Exposition } from '../harness/exposition.ts';
import { OpenMetrics } from '../harness/openmetrics.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

const ROUNDS = 200;

describeWith(['events'], 'formats', () => {
  test('scrapers of both formats are each always answered right, during a storm', async () => {
    const daemon = await Daemon.start();
    const storm = new Storm('vfork', '--rate', '2000', '--seconds', '600');
    const scrapers = [
      { accept: 'text/plain;version=0.0.4', type: 'text/plain; version=0.0.4; charset=utf-8' },
      {
        accept: 'application/openmetrics-text;version=1.0.0,*/*;q=0.1',
        type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      },
    ].flatMap((scraper) =>
      ['identity', 'gzip'].map((encoding) => Object.assign({ encoding }, scraper)),
    );
    await Promise.all(
      scrapers.map(async ({ accept, type, encoding }) => {
        let last = 0;
        for (let round = 0; round < ROUNDS; round++) {
          // fetch takes gzip off the body, and leaves its header there.
          const answer = await daemon.get('/metrics', { accept, 'accept-encoding': encoding });
          expect(answer.headers.get('content-type')).toBe(type);
          expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
          const text = await answer.text();
          const scrape = accept.startsWith('text') ? new Exposition(text) : new OpenMetrics(text);
          expect(openAccounts(scrape)).toEqual([]);
          const events = scrape.sum('procevents_events_total');
          expect(events).toBeGreaterThanOrEqual(last);
          last = events;
        }
      }),
    );
    await storm.kill();
    await daemon.stop();
  });
});
