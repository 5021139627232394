// Library: the four words of a kernel comm in; its bytes, and the exporter's text of it, out.
import { commText as escapedText } from '../aggregator/comm-text.ts';

/** Texts kept: a host runs programs of some hundred names. A power of two. */
const KEPT = 1024;

const keys = new Uint32Array(KEPT * 4);
const texts = Array.from<string>({ length: KEPT }).fill('');

/** The words are little-endian, and zero after the first NUL. */
export function commText(words: Uint32Array, at: number): string {
  const a = words[at]!;
  const b = words[at + 1]!;
  const c = words[at + 2]!;
  const d = words[at + 3]!;
  const mixed = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ d, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35);
  const slot = mixed >>> 22;
  const key = slot * 4;
  if (keys[key] !== a || keys[key + 1] !== b || keys[key + 2] !== c || keys[key + 3] !== d) {
    texts[slot] = escapedText(words, at);
    keys[key] = a;
    keys[key + 1] = b;
    keys[key + 2] = c;
    keys[key + 3] = d;
  }
  return texts[slot]!;
}

/** The bytes before the first NUL. */
export function commBytes(words: Uint32Array, at: number): Uint8Array {
  let last = 3;
  while (last > 0 && words[at + last] === 0) last--;
  const word = words[at + last]!;
  const rest = word > 0xff_ffff ? 4 : word > 0xffff ? 3 : word > 0xff ? 2 : word > 0 ? 1 : 0;
  return bytesOf(words, at, last * 4 + rest);
}

export function bytesOf(words: Uint32Array, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = words[at + (i >> 2)]!;
    bytes[i] = word;
    bytes[i + 1] = word >>> 8;
    bytes[i + 2] = word >>> 16;
    bytes[i + 3] = word >>> 24;
  }
  for (; i < length; i++) bytes[i] = words[at + (i >> 2)]! >>> ((i & 3) * 8);
  return bytes;
}
