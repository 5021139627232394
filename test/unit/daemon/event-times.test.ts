import { expect, test } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { EventCounts } from '../../../src/aggregator/event-counts.ts';
import {
  FIGURE_COUNT,
  FORK,
  RECORD_WORDS,
  WORD_HEAD,
  WORD_TIME_HIGH,
  WORD_TIME_LOW,
} from '../../../src/collector/record.ts';
import { EventTimes } from '../../../src/daemon/event-times.ts';

const SECOND = 1e9;

class Drains {
  now = 100.5 * SECOND;
  readonly counts = new EventCounts(new Aggregator({ pairsMax: 5 }), [1]);
  readonly times = new EventTimes(this.counts, () => this.now);
  readonly #words = new Uint32Array(RECORD_WORDS);

  /** At `now` (s), of forks at these times (s). */
  drain(now: number, forks: readonly number[]): void {
    this.now = now * SECOND;
    this.times.draining();
    for (const time of forks) {
      this.#words[WORD_HEAD] = FORK;
      this.#words[WORD_TIME_HIGH] = Math.floor((time * SECOND) / 2 ** 32);
      this.#words[WORD_TIME_LOW] = (time * SECOND) % 2 ** 32;
      this.times.see(this.#words, 0);
      this.counts.fork(0);
    }
    this.times.drained(new Float64Array(FIGURE_COUNT));
  }
}

test('what waited while the main thread was held up is told in the seconds in which it happened', () => {
  const drains = new Drains();
  drains.drain(100.9, [100.6, 100.8]);
  drains.drain(109.2, [101.1, 103.5, 103.6, 103.7, 109.1]);
  expect(drains.times.history.rates(110.1).forks).toEqual([2, 1, 0, 3, 0, 0, 0, 0, 0, 1]);
  const lag = drains.times.lag.copy();
  expect(lag.counts.reduce((sum, count) => sum + count, 0)).toBe(7);
  expect(lag.sum).toBeCloseTo(0.3 + 0.1 + 8.1 + 5.7 + 5.6 + 5.5 + 0.1);
});

test('what comes after a reader has turned to the next second is of the one before', () => {
  const drains = new Drains();
  drains.drain(101.01, [100.9]);
  expect(drains.times.history.rates(102.005).forks).toEqual([1, 0]);
  drains.drain(102.01, [101.99, 102.001]);
  expect(drains.times.history.rates(103).forks).toEqual([1, 1, 1]);
});

test('a clock that is far behind ours stops no chart', () => {
  const drains = new Drains();
  drains.times.history.rates(5000);
  drains.drain(5000.5, [100.6]);
  drains.drain(5001.5, [101.6, 101.7]);
  expect(drains.times.history.rates(5002).forks.slice(-2)).toEqual([1, 2]);
});

test('a clock that runs ahead of ours draws nothing into the future', () => {
  const drains = new Drains();
  drains.drain(101.5, [5000, 5001]);
  expect(drains.times.history.rates(102.5).forks).toEqual([0, 2]);
});
