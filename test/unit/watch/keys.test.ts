// The keyboard of the live table.
import { expect, test } from 'vitest';
import { wishes } from '../../../src/watch/keys.ts';

test.each([
  ['q', [{ kind: 'quit' }]],
  ['\u0003', [{ kind: 'quit' }]],
  ['\u001c', [{ kind: 'quit' }]],
  ['\u001a', [{ kind: 'suspend' }]],
  ['\u000c', [{ kind: 'redraw' }]],
  ['r', [{ kind: 'reverse' }]],
  ['f', [{ kind: 'sort', column: 'forks' }]],
  ['e', [{ kind: 'sort', column: 'execs' }]],
  ['x', [{ kind: 'sort', column: 'exits' }]],
  ['a', [{ kind: 'sort', column: 'failures' }]],
  ['d', [{ kind: 'sort', column: 'coredumps' }]],
  ['c', [{ kind: 'sort', column: 'comm' }]],
  ['u', [{ kind: 'sort', column: 'user' }]],
  ['zé1 \r\n', []],
  ['er', [{ kind: 'sort', column: 'execs' }, { kind: 'reverse' }]],
])('%j means %j', (typed, expected) => {
  expect(wishes(typed)).toEqual(expected);
});

test('a cursor key, which ends like a letter that means something, means nothing', () => {
  expect(wishes('\u001b[A\u001b[1;5C\u001bOc\u001b[15~\u001bq\u001b')).toEqual([]);
  expect(wishes('\u001b[Aq')).toEqual([{ kind: 'quit' }]);
});
