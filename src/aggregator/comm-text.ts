// Aggregator: the 16 bytes of a kernel comm in (or, for logs, any that a program chose), the text of the label out.
// Reversible: two comms never share a text, and neither `<unknown>` nor `<other>` can be forged.
import { UNKNOWN_WORD } from '../attribution/identity.ts';
import { PRINTABLE_RANGES } from './printable-ranges.ts';

export const UNKNOWN_TEXT = '<unknown>';
export const OTHER_TEXT = '<other>';

const COMM_BYTES = 16;
const BACKSLASH = 0x5c;
const LESS_THAN = 0x3c;
const ranges = Uint32Array.from(PRINTABLE_RANGES);

export function isUnknownComm(words: Uint32Array, at: number): boolean {
  for (let i = at; i < at + 4; i++) if (words[i] !== UNKNOWN_WORD) return false;
  return true;
}

export function commText(words: Uint32Array, at: number): string {
  return isUnknownComm(words, at) ? UNKNOWN_TEXT : bytesText(commBytes(words, at));
}

/** The bytes before the first NUL. Words are little-endian whatever the machine is, hence no view. */
function commBytes(words: Uint32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(COMM_BYTES);
  for (let i = 0; i < COMM_BYTES; i++) {
    const byte = (words[at + (i >> 2)]! >>> ((i & 3) * 8)) & 0xff;
    if (byte === 0) return bytes.subarray(0, i);
    bytes[i] = byte;
  }
  return bytes;
}

export function bytesText(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const code = codePoint(bytes, at);
    // A sequence that is no UTF-8 is escaped byte by byte, so reading goes on one byte further.
    const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    const plain =
      code >= 0 && code !== BACKSLASH && !(code === LESS_THAN && at === 0) && isPrintable(code);
    if (plain) text += String.fromCodePoint(code);
    else for (let i = at; i < at + length; i++) text += escaped(bytes[i]!);
    at += length;
  }
  return text;
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The code point that starts here, or -1 where strict UTF-8 (no overlong form, no surrogate, whole) has none. */
function codePoint(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return -1;
  let code = lead & (0x7f >> length);
  for (let i = at + 1; i < at + length; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  if (length === 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return -1;
  if (length === 4 && (code < 0x10000 || code > 0x10ffff)) return -1;
  return code;
}

export function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  // `low` becomes the number of ranges that start at or before `code`; only the last can hold it.
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle * 2]! <= code) low = middle + 1;
    else high = middle;
  }
  return low > 0 && code <= ranges[low * 2 - 1]!;
}
