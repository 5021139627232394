import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextWriter } from '../../../src/exposition/text-writer.ts';

const empty = Buffer.alloc(0);

function written(value: number, size = 4): string {
  const out = new TextWriter(size);
  out.line(empty, empty, empty, value);
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
        expect(Number(written(value)) + 0).toBe(value + 0);
      }),
    );
  });

  it('grows from any size, keeping what was written', () => {
    const out = new TextWriter(0);
    let expected = '';
    for (let i = 0; i < 3000; i++) {
      out.line(Buffer.from(`a${i}{`), Buffer.from('é'.repeat(i % 50)), Buffer.from('} '), i);
      expected += `a${i}{${'é'.repeat(i % 50)}} ${i}\n`;
    }
    out.text('the end');
    expect(out.finish().toString()).toBe(`${expected}the end`);
  });
});
