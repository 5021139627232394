import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commText, isPrintable } from '../../../src/aggregator/comm-text.ts';
import { UNKNOWN_WORD } from '../../../src/attribution/identity.ts';
import { commWords } from './comm-words.ts';

const text = (comm: string | Uint8Array): string => commText(commWords(comm), 0);
const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

/** The inverse, written from the contract and not from the code. */
function commBytesOf(label: string): Buffer {
  const parts = label.match(/\\x[0-9a-f]{2}|[^\\]/gu) ?? [];
  expect(parts.join('')).toBe(label);
  return Buffer.concat(
    parts.map((part) =>
      part.startsWith('\\x') ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part),
    ),
  );
}

/** The bytes that tempt a decoder: ends of ranges, leads, continuations, our own escapes. */
const trickyByte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0x20, 0x22, 0x3c, 0x3e, 0x5c, 0x78, 0x7f, 0x80, 0x9f, 0xa0, 0xbf),
  fc.constantFrom(0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff),
);
const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
const comm = fc
  .array(
    fc.oneof(
      trickyByte.map((byte) => Buffer.of(byte)),
      character.map((char) => Buffer.from(char)),
    ),
    { maxLength: 15 },
  )
  .map((parts) => Buffer.concat(parts).subarray(0, 15));

function upToNul(given: Buffer): Buffer {
  const nul = given.indexOf(0);
  return nul < 0 ? given : given.subarray(0, nul);
}

describe('the text of a comm', () => {
  it('shows ordinary names as they are', () => {
    for (const name of [
      'bash',
      'kworker/0:1-mm',
      '(sd-pam)',
      'Web Content',
      'ünïcödé',
      '漢字',
      '😀',
    ]) {
      expect(text(name)).toBe(name);
    }
  });

  it('ends at the first NUL, and may be empty', () => {
    expect(text(bytes(0x61, 0, 0x62))).toBe('a');
    expect(text('')).toBe('');
  });

  it('escapes control characters, backslash, and what has no glyph, byte by byte', () => {
    expect(text('a\nb\tc')).toBe('a\\x0ab\\x09c');
    expect(text('\u007f')).toBe('\\x7f');
    expect(text('a\\x0a')).toBe('a\\x5cx0a');
    expect(text('\u00a0')).toBe('\\xc2\\xa0'); // no-break space: Zs, and not the space
    expect(text('\u200b')).toBe('\\xe2\\x80\\x8b'); // zero width space: Cf
    expect(text('\u202e')).toBe('\\xe2\\x80\\xae'); // right-to-left override: Cf
    expect(text('\u2028')).toBe('\\xe2\\x80\\xa8'); // line separator: Zl
    expect(text('\ue000')).toBe('\\xee\\x80\\x80'); // private use: Co
    expect(text('\u{10ffff}')).toBe('\\xf4\\x8f\\xbf\\xbf'); // noncharacter: Cn
  });

  it('escapes each byte of what is no UTF-8 on its own, and goes on after it', () => {
    expect(text(bytes(0x80, 0x61))).toBe('\\x80a'); // continuation without a lead
    expect(text(bytes(0xc0, 0xaf))).toBe('\\xc0\\xaf'); // overlong /
    expect(text(bytes(0xe0, 0x80, 0xaf))).toBe('\\xe0\\x80\\xaf'); // overlong /
    expect(text(bytes(0xf0, 0x80, 0x80, 0xaf))).toBe('\\xf0\\x80\\x80\\xaf'); // overlong /
    expect(text(bytes(0xed, 0xa0, 0x80))).toBe('\\xed\\xa0\\x80'); // surrogate
    expect(text(bytes(0xf4, 0x90, 0x80, 0x80))).toBe('\\xf4\\x90\\x80\\x80'); // past U+10FFFF
    expect(text(bytes(0xff, 0xfe))).toBe('\\xff\\xfe');
    expect(text(bytes(0x61, 0xe6, 0xbc))).toBe('a\\xe6\\xbc'); // cut off in the middle
    expect(text(bytes(0xe6, 0x61, 0xc3, 0xa9))).toBe('\\xe6aé'); // a lead, then a whole é
    expect(text(bytes(0xe6, 0xbc, 0xc3, 0xa9))).toBe('\\xe6\\xbcé');
  });

  it('lets nobody forge <unknown> or <other>', () => {
    expect(text('<unknown>')).toBe('\\x3cunknown>');
    expect(text('<other>')).toBe('\\x3cother>');
    expect(text('a<b')).toBe('a<b');
    expect(commText(new Uint32Array(4).fill(UNKNOWN_WORD), 0)).toBe('<unknown>');
    expect(text(new Uint8Array(15).fill(0xff))).toBe('\\xff'.repeat(15));
  });

  it('reads the words where it is told to', () => {
    expect(commText(Uint32Array.of(1, 2, ...commWords('bash')), 2)).toBe('bash');
  });

  it('can be read back to the very bytes, so that different comms never share a text', () => {
    fc.assert(
      fc.property(comm, (given) => {
        expect(commBytesOf(text(given))).toEqual(Buffer.from(upToNul(given)));
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps exactly the printable characters of strict UTF-8', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    /** The character that starts the bytes, as the platform's own decoder sees it. */
    const first = (rest: Buffer): string | undefined => {
      for (let length = 1; length <= Math.min(4, rest.length); length++) {
        try {
          return decoder.decode(rest.subarray(0, length));
        } catch {
          continue;
        }
      }
      return undefined;
    };
    const expected = (given: Buffer): string => {
      let out = '';
      for (let at = 0; at < given.length;) {
        const char = first(given.subarray(at));
        const raw = given.subarray(at, at + (char === undefined ? 1 : Buffer.byteLength(char)));
        const kept =
          char !== undefined &&
          char !== '\\' &&
          !(char === '<' && at === 0) &&
          isPrintable(char.codePointAt(0)!);
        out += kept ? char : raw.toString('hex').replace(/../g, '\\x$&');
        at += raw.length;
      }
      return out;
    };
    fc.assert(
      fc.property(comm, (given) => {
        expect(text(given)).toBe(expected(upToNul(given)));
      }),
      { numRuns: 5000 },
    );
  });
});
