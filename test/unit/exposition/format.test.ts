import { expect, test } from 'vitest';
import { boundText } from '../../../src/exposition/format.ts';

// The examples of the specification ("Canonical Numbers"), and the bounds that we have.
test.each([
  [0, '0.0'],
  [0.001, '0.001'],
  [0.316, '0.316'],
  [0.5, '0.5'],
  [1, '1.0'],
  [10, '10.0'],
  [1e-10, '1e-10'],
  [1e-9, '1e-09'],
  [1e-5, '1e-05'],
  [3.16e-5, '3.16e-05'],
  [1e-4, '0.0001'],
  [86_400, '86400.0'],
  [100_000, '100000.0'],
  [1e6, '1e+06'],
  [1.5e10, '1.5e+10'],
  [1e100, '1e+100'],
  [Infinity, '+Inf'],
])('OpenMetrics writes the bound %d in its one spelling, %s', (bound, text) => {
  expect(boundText(bound, 'openmetrics')).toBe(text);
});
