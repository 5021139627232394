// The keyboard of the live table.
import { expect, test } from 'vitest';
import { Keys } from '../../../src/watch/keys.ts';

const QUIT = [{ kind: 'quit' }];
const wishes = (typed: string) => new Keys().wishes(typed, 0);

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

test.each([
  ['\u001b', '[A'],
  ['\u001b[', 'q'],
  ['\u001b[1;5', 'C'],
  ['\u001bO', 'q'],
])('a sequence that comes as %j and %j is one', (first, second) => {
  const keys = new Keys();
  expect(keys.wishes(first, 1000)).toEqual([]);
  expect(keys.wishes(`${second}r`, 1050)).toEqual([{ kind: 'reverse' }]);
});

test('a key that is typed after a lone Escape is itself', () => {
  const keys = new Keys();
  expect(keys.wishes('\u001b', 1000)).toEqual([]);
  expect(keys.wishes('q', 1500)).toEqual(QUIT);
});

test('a sequence without an end is no sequence', () => {
  const keys = new Keys();
  for (let i = 0; i < 1000; i++) expect(keys.wishes(i === 0 ? '\u001b[1' : '11', i)).toEqual([]);
  expect(keys.wishes('q', 1000)).toEqual(QUIT);
});
