// process_lifetime_seconds has each process that was seen born and has ended, once;
// event_lag_seconds each event that was attributed.
import { expect, test } from 'vitest';
import { Maker } from '../harness/maker.ts';
import type { Exposition } from '../harness/exposition.ts';
import type { JudgeEvent } from '../harness/judge.ts';
import { load } from '../harness/load.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from '../harness/stage.ts';

const LIFETIME = 'procevents_process_lifetime_seconds';
const LAG = 'procevents_event_lag_seconds';

/** Buckets in their order: each holds those before it. */
function buckets(scrape: Exposition, name: string): number[] {
  return scrape.series(`${name}_bucket`).map(({ value }) => value);
}

function expectSound(scrape: Exposition, name: string): void {
  const values = buckets(scrape, name);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(values.at(-1)).toBe(scrape.value(`${name}_count`));
  expect(scrape.value(`${name}_sum`)).toBeGreaterThanOrEqual(0);
}

/** How many of the processes born in these events ended in them, with their last task. */
function livedInside(events: readonly JudgeEvent[]): number {
  const tasks = new Map<number, number>();
  let ended = 0;
  for (const { kind, pid, tgid } of events) {
    if (kind === 'fork' && pid === tgid) tasks.set(tgid, 1);
    const left = tasks.get(tgid);
    if (left === undefined) continue;
    if (kind === 'fork' && pid !== tgid) tasks.set(tgid, left + 1);
    if (kind === 'exit') tasks.set(tgid, left - 1);
    if (kind === 'exit' && left === 1) {
      tasks.delete(tgid);
      ended += 1;
    }
  }
  return ended;
}

const before = { maker: undefined as Maker | undefined };

describeWith(['events'], 'histograms', () => {
  test('some processes are there before the daemon', async () => {
    before.maker = await Maker.start('held', { count: 20 });
    expect(before.maker.made.pids).toHaveLength(20);
  });

  describeWith(['events'], 'of a daemon that came later', () => {
    const stage = useStage();

    test('a lifetime is counted for each process that was seen born, once, and no other', async () => {
      const first = await stage.cut();
      stage.judge.take();
      const kept: JudgeEvent[] = [];
      for (const [situation, options] of [
        ['fork', { count: 100 }],
        ['leader-exit', { count: 50 }],
        ['zombie', { count: 50 }],
        ['exit', { count: 50, others: 3 }],
      ] as const) {
        kept.push(...(await stage.perform(situation, options)).events);
      }
      await before.maker?.finish(); // born before: seen to end only
      const last = await stage.cut();
      kept.push(...stage.judge.take());
      const grown =
        last.scrape.value(`${LIFETIME}_count`) - first.scrape.value(`${LIFETIME}_count`);
      expect(grown).toBe(livedInside(kept));
      expect(grown).toBeGreaterThanOrEqual(4 + 100 + 3 * 50);
      expectSound(last.scrape, LIFETIME);
    });
    test('every event that was received has its lag, at every cut, in a storm too', async () => {
      const storming = { over: false };
      const storm = load('vfork', 0.5).finally(() => (storming.over = true));
      do {
        const scrape = await stage.daemon.scrape();
        const received = scrape.sum('procevents_events_total');
        const shed = scrape.sum('procevents_shed_events_total');
        expect(scrape.value(`${LAG}_count`)).toBe(received - shed);
        expectSound(scrape, LAG);
      } while (!storming.over);
      await storm;
      expect((await stage.cut()).scrape.value(`${LAG}_count`)).toBeGreaterThan(500);
    });
  });
});
