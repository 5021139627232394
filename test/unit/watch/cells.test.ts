// Columns on a terminal: what is counted wrong shifts every column after it.
import { expect, test } from 'vitest';
import { cut, padded, paddedLeft, width } from '../../../src/watch/cells.ts';

test.each([
  ['bash', 4],
  ['', 0],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['é', 1],
  ['e\u0301', 1],
  ['नि', 2],
  ['🔥', 2],
  ['한글', 4],
  ['…', 1],
  ['\\x1b[31m', 8],
])('%j takes %i columns', (text, columns) => {
  expect(width(text)).toBe(columns);
});

test('is padded by columns, not by characters', () => {
  expect(padded('日本', 6)).toBe('日本  ');
  expect(paddedLeft('日本', 6)).toBe('  日本');
  expect(padded('longer', 3)).toBe('longer');
});

test.each([
  ['bash', 4, 'bash'],
  ['bash', 3, 'ba…'],
  ['日本語', 6, '日本語'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['bash', 1, '…'],
  ['bash', 0, ''],
])('%j is cut to %i columns', (text, columns, expected) => {
  expect(cut(text, columns)).toBe(expected);
  expect(width(cut(text, columns))).toBeLessThanOrEqual(columns);
});
