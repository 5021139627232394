import { describe, expect, it } from 'vitest';
import { isPrintable } from '../../../src/aggregator/comm-text.ts';
import {
  PRINTABLE_RANGES,
  PRINTABLE_UNICODE_VERSION,
} from '../../../src/aggregator/printable-ranges.ts';

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const ASSIGNED = /^\P{Cn}$/u;
const version = (text: string): number => Number.parseFloat(text);

describe('the table of printable code points', () => {
  it('is sorted ranges with a gap between each two, so that a binary search is right', () => {
    let last = -2;
    for (let i = 0; i < PRINTABLE_RANGES.length; i += 2) {
      const start = PRINTABLE_RANGES[i]!;
      const end = PRINTABLE_RANGES[i + 1]!;
      expect(start).toBeGreaterThan(last + 1);
      expect(end).toBeGreaterThanOrEqual(start);
      last = end;
    }
  });

  it('agrees with the Unicode tables of this Node, code point for code point', () => {
    const here = version(process.versions['unicode'] ?? '');
    const table = version(PRINTABLE_UNICODE_VERSION);
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const char = String.fromCodePoint(code);
      const printable = PRINTABLE.test(char);
      if (printable === isPrintable(code)) continue;
      // Code points come with each version: the table may know some that an older Node does not, or lack some.
      if (printable && here > table) continue;
      if (!printable && here < table && !ASSIGNED.test(char)) continue;
      wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it('holds the ends of what is known for good', () => {
    const printable = [
      0x20, 0x21, 0x7e, 0xa1, 0xe9, 0x300, 0x20ac, 0x6f22, 0xd7a3, 0xfffd, 0x1f600,
    ];
    const not = [0, 0x1f, 0x7f, 0x9f, 0xa0, 0xad, 0x200b, 0x2028, 0xd800, 0xdfff, 0xe000, 0xfeff];
    expect(printable.filter((code) => !isPrintable(code))).toEqual([]);
    expect([...not, 0xffff, 0xe0001, 0x10ffff].filter((code) => isPrintable(code))).toEqual([]);
  });
});
