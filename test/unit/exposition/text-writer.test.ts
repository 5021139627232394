import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextWriter, pieces } from '../../../src/exposition/text-writer.ts';

const MICROSECONDS = 1e6;

function written(value: number, scale = 1, size = 4): string {
  const out = new TextWriter(size);
  out.reserve(0);
  out.value(value, scale);
  return out.finish().toString();
}

describe('the text writer', () => {
  it('writes numbers as JavaScript does, at every border of its short cut', () => {
    for (const value of [
      0,
      9,
      10,
      99,
      100,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      0.25,
      -1,
      1e-7,
    ]) {
      expect(written(value)).toBe(`${value}\n`);
    }
  });

  it('writes any number so that it reads back as the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat({ max: 2 ** 31 - 1 }), fc.double({ noNaN: true })), (value) => {
        // -0 and 0 are one value to whoever reads.
        expect(Number(written(value).replace('Inf', 'Infinity')) + 0).toBe(value + 0);
      }),
    );
  });

  it('writes what is counted in small units as the quotient would be written', () => {
    const odd = [0, 1, 10, 999_999, 1_000_000, 1_000_001, 1_500_000, 2 ** 31 * 1e6, 2 ** 53, 0.5];
    for (const value of odd) {
      expect(written(value, MICROSECONDS)).toBe(`${value / MICROSECONDS}\n`);
    }
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 999_999 }), (seconds, rest) => {
        const value = seconds * MICROSECONDS + rest;
        expect(written(value, MICROSECONDS)).toBe(`${value / MICROSECONDS}\n`);
      }),
    );
  });

  it('copies pieces of any length next to each other, the last one too', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 9 })), (texts) => {
        const all = pieces(texts);
        const out = new TextWriter(0);
        texts.forEach((text, i) => {
          out.reserve(Buffer.byteLength(text));
          out.piece(all, i);
        });
        expect(out.finish().toString()).toBe(texts.join(''));
      }),
    );
  });

  it('grows from any size, keeping what was written', () => {
    const out = new TextWriter(0);
    let expected = '';
    for (let i = 0; i < 3000; i++) {
      const text = `a${i}{${'é'.repeat(i % 50)}} `;
      out.reserve(Buffer.byteLength(text));
      out.piece(pieces([text]), 0);
      out.value(i, 1);
      expected += `${text}${i}\n`;
    }
    out.text('the end');
    expect(out.finish().toString()).toBe(`${expected}the end`);
  });
});
