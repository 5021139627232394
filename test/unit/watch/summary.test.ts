// The last line: how much was seen, and every loss.
import { expect, test } from 'vitest';
import { summaryText } from '../../../src/watch/summary.ts';

const lost = { kernel: 0, socket: 0, ring: 0 };

test.each([
  [
    { seen: 12_345, shown: 56, seconds: 10, lost },
    '12,345 events in 10.0 s (1,235/s), 56 shown, none lost',
  ],
  [{ seen: 1, shown: undefined, seconds: 0, lost }, '1 event in 0.0 s (1,000/s), none lost'],
  [
    { seen: 5, shown: 5, seconds: 1, lost: { kernel: 1, socket: 20, ring: 3000 } },
    "5 events in 1.0 s (5/s), 5 shown, 3,021 LOST: 1 in the kernel, 20 in the socket's queue, 3,000 because the output was too slow",
  ],
  [
    { seen: 5, shown: 5, seconds: 1, lost: { ...lost, kernel: undefined } },
    '5 events in 1.0 s (5/s), 5 shown, none lost',
  ],
])('%o', (watched, text) => {
  expect(summaryText(watched)).toBe(text);
});
