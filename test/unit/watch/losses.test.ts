// Losses that are told at the end, because no event told them.
import { expect, test } from 'vitest';
import { untold } from '../../../src/watch/losses.ts';

const unknown = { cpu: undefined, seq: undefined, timestampNs: undefined };

test('of what was lost all is told, and nothing twice', () => {
  const lost = { kernel: 5, socket: 7, ring: 9 };
  expect(untold(lost, lost)).toEqual([]);
  expect(untold(lost, { kernel: 5, socket: 3, ring: 0 })).toEqual([
    { kind: 'lost', stage: 'socket', count: 4, ...unknown },
    { kind: 'lost', stage: 'ring', count: 9, ...unknown },
  ]);
  // Four of the kernel's are the socket's, as was found afterwards.
  expect(untold(lost, { kernel: 9, socket: 1, ring: 9 })).toEqual([
    { kind: 'lost', stage: 'socket', count: 2, ...unknown },
  ]);
  expect(untold({ ...lost, kernel: undefined }, { kernel: 0, socket: 7, ring: 9 })).toEqual([]);
});
