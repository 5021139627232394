// Numbers for people: short, and never rounded into the next unit.
import { expect, test } from 'vitest';
import { countText, lifetimeText, plural, rateText } from '../../../src/watch/amounts.ts';

test.each([
  [0n, '0µs'],
  [999_000n, '999µs'],
  [2_100_000n, '2.1ms'],
  [99_960_000n, '99ms'],
  [999_999_999n, '999ms'],
  [1_000_000_000n, '1.0s'],
  [59_999_999_999n, '60.0s'],
  [60_000_000_000n, '1m00s'],
  [312_000_000_000n, '5m12s'],
  [3_599_999_999_999n, '59m59s'],
  [11_100_000_000_000n, '3h05m'],
  [187_200_000_000_000n, '2d04h'],
])('%s ns lived are %s', (ns, text) => {
  expect(lifetimeText(ns)).toBe(text);
});

test('counts and rates', () => {
  expect([countText(1_234_567), plural(1, 'event'), plural(2000, 'event')]).toEqual([
    '1,234,567',
    '1 event',
    '2,000 events',
  ]);
  expect([0, 0.5, 9.9, 9.96, 1234.5].map((rate) => rateText(rate))).toEqual([
    '0',
    '0.5',
    '9.9',
    '10',
    '1235',
  ]);
});
