// Colours where people see them, and nowhere else.
import { expect, test } from 'vitest';
import { COLOURED, PLAIN, wantsColour } from '../../../src/watch/paint.ts';

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [true, { TERM: 'xterm' }, true],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [true, { FORCE_COLOR: 'false' }, false],
])('on a terminal: %j, with %j: %j', (terminal, environment, expected) => {
  expect(wantsColour({ terminal, environment })).toBe(expected);
});

test('without colours a text stays as it is', () => {
  expect(PLAIN('text', 'red', 'bold')).toBe('text');
  expect(COLOURED('text', 'red', 'bold')).toBe('\u001b[1m\u001b[31mtext\u001b[39m\u001b[22m');
});
