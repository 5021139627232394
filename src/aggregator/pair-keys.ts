// Aggregator: which slot has a pair. Four words of comm and a uid in, the slot out.
//
//   table  bucket -> slot (0: empty)    a power of two of buckets, at most half full, linear probing
//   keys   slot -> 4 words of comm, uid
//
// Slot 0 is <other>: it has no key.
import { getRandomValues } from 'node:crypto';

const KEY_WORDS = 5;

export class PairKeys {
  readonly #coefficients = getRandomValues(new Int32Array(KEY_WORDS * 2 + 1));
  #keys: Int32Array;
  #table: Int32Array;
  #shift: number;

  /** `slots`: a power of two. */
  constructor(slots: number) {
    this.#keys = new Int32Array(slots * KEY_WORDS);
    this.#table = new Int32Array(slots * 2);
    this.#shift = Math.clz32(slots * 2) + 1;
  }

  /** The slot, or 0. */
  find(words: Uint32Array, at: number, uid: number): number {
    const w0 = words[at]! | 0;
    const w1 = words[at + 1]! | 0;
    const w2 = words[at + 2]! | 0;
    const w3 = words[at + 3]! | 0;
    const id = uid | 0;
    const table = this.#table;
    const keys = this.#keys;
    const mask = table.length - 1;
    let bucket = this.#hash(w0, w1, w2, w3, id);
    for (;;) {
      const slot = table[bucket]!;
      if (slot === 0) return 0;
      const key = slot * KEY_WORDS;
      if (
        keys[key] === w0 &&
        keys[key + 1] === w1 &&
        keys[key + 2] === w2 &&
        keys[key + 3] === w3 &&
        keys[key + 4] === id
      ) {
        return slot;
      }
      bucket = (bucket + 1) & mask;
    }
  }

  /** Gives a slot that has no key the key of a pair that has no slot. */
  insert(slot: number, words: Uint32Array, at: number, uid: number): void {
    const key = slot * KEY_WORDS;
    for (let i = 0; i < 4; i++) this.#keys[key + i] = words[at + i]!;
    this.#keys[key + 4] = uid;
    this.#link(slot);
  }

  remove(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#home(slot);
    while (table[hole] !== slot) hole = (hole + 1) & mask;
    // Shift back what probing had pushed past the hole, so that no tombstones pile up.
    for (let next = (hole + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(table[next]!);
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        table[hole] = table[next]!;
        hole = next;
      }
    }
    table[hole] = 0;
  }

  uid(slot: number): number {
    return this.#keys[slot * KEY_WORDS + 4]! >>> 0;
  }

  /** `slots`: a power of two. All below `used` but 0 have a key. */
  grow(slots: number, used: number): void {
    const keys = new Int32Array(slots * KEY_WORDS);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#table = new Int32Array(slots * 2);
    this.#shift = Math.clz32(slots * 2) + 1;
    for (let slot = 1; slot < used; slot++) this.#link(slot);
  }

  #link(slot: number): void {
    const mask = this.#table.length - 1;
    let bucket = this.#home(slot);
    while (this.#table[bucket] !== 0) bucket = (bucket + 1) & mask;
    this.#table[bucket] = slot;
  }

  #home(slot: number): number {
    const keys = this.#keys;
    const key = slot * KEY_WORDS;
    return this.#hash(keys[key]!, keys[key + 1]!, keys[key + 2]!, keys[key + 3]!, keys[key + 4]!);
  }

  /**
   * Multiply-shift over the ten half words, with coefficients drawn at start: whoever chooses the names
   * of his programs cannot choose their buckets.
   */
  #hash(w0: number, w1: number, w2: number, w3: number, uid: number): number {
    const c = this.#coefficients;
    const sum =
      Math.imul(w0 & 0xffff, c[0]!) +
      Math.imul(w0 >>> 16, c[1]!) +
      Math.imul(w1 & 0xffff, c[2]!) +
      Math.imul(w1 >>> 16, c[3]!) +
      Math.imul(w2 & 0xffff, c[4]!) +
      Math.imul(w2 >>> 16, c[5]!) +
      Math.imul(w3 & 0xffff, c[6]!) +
      Math.imul(w3 >>> 16, c[7]!) +
      Math.imul(uid & 0xffff, c[8]!) +
      Math.imul(uid >>> 16, c[9]!) +
      c[10]!;
    return (sum | 0) >>> this.#shift;
  }
}
