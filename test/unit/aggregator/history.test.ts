import { expect, test } from 'vitest';
import { HISTORY_SECONDS, History } from '../../../src/aggregator/history.ts';

const totals = (forks: number) => ({
  forks,
  execs: forks * 2,
  exits: 0,
  failures: 1,
  coredumps: forks > 5 ? 1 : 0,
});

test('the history tells the growth of each second that is over, quiet ones as 0', () => {
  const history = new History(100.7);
  history.note(100, totals(3));
  history.note(101, totals(5));
  history.note(101, totals(6));
  history.note(104, totals(10));
  const rates = history.rates(104.5);
  expect(rates.forks).toEqual([3, 3, 0, 0]);
  expect(rates.execs).toEqual([6, 6, 0, 0]);
  expect(rates.failures).toEqual([1, 0, 0, 0]);
  expect(rates.coredumps).toEqual([0, 1, 0, 0]);
  expect(history.rates(105).forks).toEqual([3, 3, 0, 0, 4]);
});

test('it forgets what is older than ten minutes, and loses nothing of what is not', () => {
  const history = new History(0);
  let forks = 0;
  for (let second = 0; second < 3 * HISTORY_SECONDS; second++) {
    forks += second;
    history.note(second, totals(forks));
  }
  const { forks: rates } = history.rates(3 * HISTORY_SECONDS);
  expect(rates).toHaveLength(HISTORY_SECONDS - 1);
  expect(rates.at(-1)).toBe(3 * HISTORY_SECONDS - 1);
  expect(rates[0]).toBe(2 * HISTORY_SECONDS + 1);
});

test('after an hour without an event all of it is quiet', () => {
  const history = new History(0);
  history.note(1, totals(7));
  const { forks } = history.rates(3600);
  expect(forks).toHaveLength(HISTORY_SECONDS - 1);
  expect(new Set(forks)).toEqual(new Set([0]));
});

test('a storm marks its own seconds, though it is told of them later', () => {
  const history = new History(100);
  history.note(101, totals(1));
  history.note(103, totals(2));
  history.noteStorms(1, 101);
  expect(history.rates(104).storms).toEqual([0, 1, 0, 0]);
  // The main thread was held up: two at once.
  history.note(106, totals(3));
  history.noteStorms(3, 105);
  history.noteStorms(3, 105);
  expect(history.rates(107).storms).toEqual([0, 1, 0, 0, 1, 1, 0]);
  expect(history.rates(107).forks).toHaveLength(7);
});

test('storm seconds from before the history are no marks in it, and those in it leave with it', () => {
  const history = new History(1000);
  history.noteStorms(5, 1001);
  expect(history.rates(1003).storms).toEqual([1, 1, 0]);
  history.noteStorms(5 + 2 * HISTORY_SECONDS, 1002 + HISTORY_SECONDS);
  expect(new Set(history.rates(1003 + HISTORY_SECONDS).storms)).toEqual(new Set([1]));
  expect(new Set(history.rates(1003 + 2 * HISTORY_SECONDS).storms)).toEqual(new Set([0]));
});
