// Exposition: text, bytes and numbers in, one buffer of UTF-8 out. Bytes rather than strings: a line is a
// few copies, nothing is encoded twice, and one wide character does not double the cost of all the rest.

/** The longest number: a sign, 17 digits, a point, and an exponent; or 'Infinity'. */
const NUMBER_BYTES = 32;
const LINE_FEED = 0x0a;
const DIGIT_0 = 0x30;

export class TextWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(sizeHint: number) {
    this.#buffer = Buffer.allocUnsafeSlow(sizeHint);
  }

  text(text: string): void {
    this.bytes(Buffer.from(text));
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Three pieces (any may be empty), the value, and the end of the line. */
  line(head: Uint8Array, labels: Uint8Array, end: Uint8Array, value: number): void {
    this.#reserve(head.length + labels.length + end.length + NUMBER_BYTES + 1);
    const buffer = this.#buffer;
    let at = this.#at;
    buffer.set(head, at);
    at += head.length;
    buffer.set(labels, at);
    at += labels.length;
    buffer.set(end, at);
    at += end.length;
    // What fits 32 bits, as nearly all values do, needs no string.
    if (value >= 0 && value === (value | 0)) at = writeDigits(buffer, at, value | 0);
    else at += buffer.write(String(value), at, 'latin1');
    buffer[at++] = LINE_FEED;
    this.#at = at;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + length));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
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
