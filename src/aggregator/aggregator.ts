// Aggregator: events attributed to (comm, uid) in, a frozen copy of all counts out. Main thread only.
//
//   table   bucket -> slot (0: empty)    a power of two of buckets, at most half full, linear probing
//   keys    slot -> 4 words of comm, uid
//   values  slot -> COLUMNS numbers
//
// Slot 0 is <other>: never in the table, there from the start, outside the limit.
import { getRandomValues } from 'node:crypto';
import { UNKNOWN_UID } from '../attribution/identity.ts';
import { ATTRIBUTED_EVENTS, COLUMN, COLUMNS, EVENT_OF_COLUMN } from './columns.ts';
import { OTHER_TEXT, UNKNOWN_TEXT, commText, isUnknownComm } from './comm-text.ts';

const OTHER = 0;
const KEY_WORDS = 5;
/** Twice the slots at the start: room for the programs of a small host, in 9 KiB of values. */
const FIRST_BUCKETS = 128;

/** Made once per pair, so the same object means the same pair in later cuts. */
export interface PairLabel {
  readonly comm: string;
  readonly uid: string;
}

export interface PairsCut {
  /** Slot 0 (<other>) included. */
  readonly slots: number;
  /** slot * stride + column */
  readonly values: Float64Array;
  readonly stride: number;
  readonly columns: typeof COLUMN;
  readonly labels: readonly PairLabel[];
  /** By slot, unix seconds, in ms. */
  readonly created: Float64Array;
}

export class Aggregator {
  /** Events counted under <unknown>, in the order of ATTRIBUTED_EVENTS. Live: copy it for a cut. */
  readonly unresolved = new Float64Array(ATTRIBUTED_EVENTS.length);
  readonly #slotsMax: number;
  readonly #labels: PairLabel[] = [{ comm: OTHER_TEXT, uid: OTHER_TEXT }];
  readonly #coefficients = getRandomValues(new Int32Array(KEY_WORDS * 2 + 1));
  #capacity: number;
  #keys: Int32Array;
  #values: Float64Array;
  /** 1: comm or uid of this slot is unknown. */
  #unknown: Uint8Array;
  #table = new Int32Array(FIRST_BUCKETS);
  #hashShift = Math.clz32(FIRST_BUCKETS) + 1;

  constructor(o: { pairsMax: number }) {
    this.#slotsMax = o.pairsMax + 1;
    this.#capacity = Math.min(FIRST_BUCKETS / 2, this.#slotsMax);
    this.#keys = new Int32Array(this.#capacity * KEY_WORDS);
    this.#values = new Float64Array(this.#capacity * COLUMNS);
    this.#unknown = new Uint8Array(this.#capacity);
  }

  /** slot * COLUMNS + column. Replaced when it grows: do not keep it. */
  get values(): Float64Array {
    return this.#values;
  }

  /** Events counted under <other>. */
  get foldedEvents(): number {
    let sum = 0;
    for (let column = 0; column < COLUMNS; column++) {
      if (EVENT_OF_COLUMN[column]! >= 0) sum += this.#values[OTHER * COLUMNS + column]!;
    }
    return sum;
  }

  /** The slot of a pair, made when it is new; <other> when it is new and there is no room. */
  pair(words: Uint32Array, at: number, uid: number): number {
    const w0 = words[at]! | 0;
    const w1 = words[at + 1]! | 0;
    const w2 = words[at + 2]! | 0;
    const w3 = words[at + 3]! | 0;
    const id = uid | 0;
    const table = this.#table;
    const keys = this.#keys;
    let bucket = this.#hash(w0, w1, w2, w3, id);
    for (;;) {
      const slot = table[bucket]!;
      if (slot === 0) break;
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
      bucket = (bucket + 1) & (table.length - 1);
    }
    return this.#labels.length < this.#slotsMax ? this.#make(words, at, uid) : OTHER;
  }

  add(slot: number, column: number, amount: number): void {
    this.#values[slot * COLUMNS + column]! += amount;
    if (this.#unknown[slot] === 1) {
      const event = EVENT_OF_COLUMN[column]!;
      if (event >= 0) this.unresolved[event]! += amount;
    }
  }

  copy(): PairsCut {
    const slots = this.#labels.length;
    return {
      slots,
      values: this.#values.slice(0, slots * COLUMNS),
      stride: COLUMNS,
      columns: COLUMN,
      labels: this.#labels.slice(),
      created: new Float64Array(slots),
    };
  }

  #make(words: Uint32Array, at: number, uid: number): number {
    if (this.#labels.length === this.#capacity) this.#grow();
    const slot = this.#labels.length;
    const key = slot * KEY_WORDS;
    for (let i = 0; i < 4; i++) this.#keys[key + i] = words[at + i]!;
    this.#keys[key + 4] = uid;
    this.#insert(slot);
    const uidText = uid === UNKNOWN_UID ? UNKNOWN_TEXT : String(uid);
    this.#labels.push({ comm: commText(words, at), uid: uidText });
    if (uid === UNKNOWN_UID || isUnknownComm(words, at)) this.#unknown[slot] = 1;
    return slot;
  }

  #insert(slot: number): void {
    const keys = this.#keys;
    const key = slot * KEY_WORDS;
    const mask = this.#table.length - 1;
    let bucket = this.#hash(
      keys[key]!,
      keys[key + 1]!,
      keys[key + 2]!,
      keys[key + 3]!,
      keys[key + 4]!,
    );
    while (this.#table[bucket] !== 0) bucket = (bucket + 1) & mask;
    this.#table[bucket] = slot;
  }

  #grow(): void {
    this.#capacity = Math.min(this.#capacity * 2, this.#slotsMax);
    this.#keys = grown(new Int32Array(this.#capacity * KEY_WORDS), this.#keys);
    this.#values = grown(new Float64Array(this.#capacity * COLUMNS), this.#values);
    this.#unknown = grown(new Uint8Array(this.#capacity), this.#unknown);
    this.#table = new Int32Array(this.#table.length * 2);
    this.#hashShift--;
    for (let slot = 1; slot < this.#labels.length; slot++) this.#insert(slot);
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
    return (sum | 0) >>> this.#hashShift;
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
