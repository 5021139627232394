// Exposition: text, bytes and numbers in, one buffer of UTF-8 out. The many lines of pairs are put together from
// bytes: nothing is encoded twice, and one wide character does not double the cost of all the rest.
import { numberText } from './format.ts';

/** The longest number: a sign, 17 digits, a point, and an exponent; or '-Infinity'. */
const NUMBER_BYTES = 32;
const LINE_FEED = 0x0a;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const WORD = 4;

/**
 * Pieces of text one after the other: piece i is bytes ends[i - 1] to ends[i]. They are copied by words, so a copy reads
 * and writes up to three bytes too many: `bytes` has as many to spare, and what comes next is written over the others.
 * (A call of set() for each piece takes twice as long, a loop over single bytes three times.)
 */
export interface Pieces {
  readonly bytes: DataView;
  readonly ends: Uint32Array;
}

export function pieces(texts: readonly string[]): Pieces {
  const ends = new Uint32Array(texts.length);
  let end = 0;
  texts.forEach((text, i) => {
    end += Buffer.byteLength(text);
    ends[i] = end;
  });
  const bytes = Buffer.from(new ArrayBuffer(end + WORD - 1));
  bytes.write(texts.join(''));
  return { bytes: new DataView(bytes.buffer), ends };
}

export class TextWriter {
  #buffer: Buffer;
  #view: DataView;
  #at = 0;

  constructor(sizeHint: number) {
    this.#buffer = Buffer.allocUnsafeSlow(sizeHint);
    this.#view = new DataView(this.#buffer.buffer);
  }

  text(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.#at += this.#buffer.write(text, this.#at);
  }

  /** Room for one line of so many bytes of pieces. */
  reserve(length: number): void {
    const needed = this.#at + length + NUMBER_BYTES + WORD;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, needed));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }

  /** Into room that is reserved. */
  piece(from: Pieces, index: number): void {
    const start = index === 0 ? 0 : from.ends[index - 1]!;
    const end = from.ends[index]!;
    const source = from.bytes;
    const view = this.#view;
    let at = this.#at;
    for (let i = start; i < end; i += WORD, at += WORD) {
      view.setInt32(at, source.getInt32(i, true), true);
    }
    this.#at += end - start;
  }

  /** The end of a line, into room that is reserved: value / scale, where scale is a power of ten. */
  value(value: number, scale: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    const whole = scale === 1 ? value : Math.floor(value / scale);
    // What fits 31 bits, as nearly all values do, needs no string.
    if (whole >= 0 && whole === (whole | 0) && (scale === 1 || Number.isInteger(value))) {
      at = writeDigits(buffer, at, whole | 0);
      let rest = value - whole * scale;
      if (rest !== 0) buffer[at++] = POINT;
      for (let unit = scale / 10; rest !== 0; unit /= 10) {
        const digit = Math.floor(rest / unit);
        buffer[at++] = DIGIT_0 + digit;
        rest -= digit * unit;
      }
    } else {
      at += buffer.write(numberText(value / scale), at, 'latin1');
    }
    buffer[at++] = LINE_FEED;
    this.#at = at;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }
}

/** Returns where the number ends. */
function writeDigits(buffer: Buffer, at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tens = (rest / 10) | 0;
    buffer[i] = DIGIT_0 + rest - tens * 10;
    rest = tens;
  }
  return end;
}
