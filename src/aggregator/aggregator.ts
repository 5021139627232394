// Aggregator: events attributed to (comm, uid) in, a frozen copy of all counts out. Main thread only.
//
//   values  slot -> COLUMNS numbers
//
// Slot 0 is <other>: there from the start, outside the limit. The slot of a pair whose time is over is given to another
// pair once all are taken; what the first had counted then goes to `retired`.
import { UNKNOWN_UID } from '../attribution/identity.ts';
import { ATTRIBUTED_EVENTS, COLUMN, COLUMNS, EVENT_OF_COLUMN } from './columns.ts';
import { OTHER_TEXT, UNKNOWN_TEXT, commText, isUnknownComm } from './comm-text.ts';
import { Demand } from './demand.ts';
import { Folds, type FoldRule } from './folds.ts';
import { PairKeys } from './pair-keys.ts';
import { Room, type Living } from './room.ts';

const OTHER = 0;
/** Room for the programs of a small host, in 9 KiB of values. A power of two. */
const FIRST_CAPACITY = 64;

/** Made once for a pair, and once more should it come back: the same object means the same life of the same pair. */
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
  /** When the pair in each slot was made, unix time in s. */
  readonly created: Float64Array;
}

export interface AggregatorOptions {
  /** Pairs at most, without <other>. */
  readonly pairsMax: number;
  readonly folds?: readonly FoldRule[];
  /** Told which pairs live processes have; none if not given. */
  readonly living?: Living;
  /** Unix time, s. */
  readonly wallClock?: () => number;
}

export class Aggregator {
  /** Seconds of a monotonic clock: when what is counted now was taken. Whoever counts keeps it. */
  now = 0;
  /** Events counted under <unknown>, in the order of ATTRIBUTED_EVENTS. Live: copy it for a cut. */
  readonly unresolved = new Float64Array(ATTRIBUTED_EVENTS.length);
  /** What pairs that are gone had counted, likewise. */
  readonly retired = new Float64Array(ATTRIBUTED_EVENTS.length);
  readonly #slotsMax: number;
  readonly #folds: Folds;
  readonly #room: Room;
  readonly #demand = new Demand();
  readonly #keys = new PairKeys(FIRST_CAPACITY);
  readonly #wallClock: () => number;
  readonly #labels: PairLabel[] = [{ comm: OTHER_TEXT, uid: OTHER_TEXT }];
  #capacity = FIRST_CAPACITY;
  #values = new Float64Array(FIRST_CAPACITY * COLUMNS);
  /** `now` at the last event or look-up of each slot; infinite: it is never given away. */
  #touched = new Float64Array(FIRST_CAPACITY);
  #created = new Float64Array(FIRST_CAPACITY);
  /** 1: comm or uid of this slot is unknown. */
  #unknown = new Uint8Array(FIRST_CAPACITY);

  constructor(o: AggregatorOptions) {
    const { folds = [], living = () => {}, wallClock = () => Date.now() / 1000 } = o;
    this.#slotsMax = o.pairsMax + 1;
    this.#folds = new Folds(folds);
    this.#room = new Room({ limit: o.pairsMax, living });
    this.#wallClock = wallClock;
    this.#created[OTHER] = wallClock();
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

  /** How many pairs there would be without a limit: those there are, and an estimate of those that found no slot lately. */
  get pairsWanted(): number {
    return this.#labels.length - 1 + this.#demand.estimate(this.now);
  }

  /** Of all pairs. */
  uids(): Iterable<number> {
    return this.#room.uids();
  }

  /** The slot of a pair, made when it is new; <other> when it is new and there is no room: then the next call may find some. */
  pair(words: Uint32Array, at: number, uid: number): number {
    const fold = this.#folds.find(words, at);
    const comm = fold < 0 ? words : this.#folds.names;
    const start = fold < 0 ? at : fold;
    const slot = this.#keys.find(comm, start, uid);
    if (slot === OTHER) return this.#make(comm, start, uid);
    if (this.#touched[slot]! < this.now) this.#touched[slot] = this.now;
    return slot;
  }

  /** The slot of a pair that there is, else <other>. */
  known(words: Uint32Array, at: number, uid: number): number {
    const fold = this.#folds.find(words, at);
    return fold < 0
      ? this.#keys.find(words, at, uid)
      : this.#keys.find(this.#folds.names, fold, uid);
  }

  /** Its slot is never given away. */
  keep(slot: number): void {
    this.#touched[slot] = Number.POSITIVE_INFINITY;
  }

  add(slot: number, column: number, amount: number): void {
    this.#values[slot * COLUMNS + column]! += amount;
    if (this.#touched[slot]! < this.now) this.#touched[slot] = this.now;
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
      created: this.#created.slice(0, slots),
    };
  }

  #make(words: Uint32Array, at: number, uid: number): number {
    const slot = this.#slotFor(uid);
    if (slot === OTHER) {
      this.#demand.add(words, at, uid, this.now);
      return OTHER;
    }
    this.#keys.insert(slot, words, at, uid);
    this.#room.taken(uid);
    const uidText = uid === UNKNOWN_UID ? UNKNOWN_TEXT : String(uid);
    this.#labels[slot] = { comm: commText(words, at), uid: uidText };
    this.#unknown[slot] = uid === UNKNOWN_UID || isUnknownComm(words, at) ? 1 : 0;
    this.#touched[slot] = this.now;
    this.#created[slot] = this.#wallClock();
    return slot;
  }

  /** An empty slot, or <other>. */
  #slotFor(uid: number): number {
    const slots = this.#labels.length;
    if (slots < this.#slotsMax) {
      if (slots === this.#capacity) this.#grow();
      return slots;
    }
    const slot = this.#room.find(uid, this.#touched, slots, this.now);
    if (slot !== OTHER) this.#retire(slot);
    return slot;
  }

  #retire(slot: number): void {
    const first = slot * COLUMNS;
    for (let column = 0; column < COLUMNS; column++) {
      const event = EVENT_OF_COLUMN[column]!;
      if (event >= 0) this.retired[event]! += this.#values[first + column]!;
    }
    this.#values.fill(0, first, first + COLUMNS);
    this.#room.left(this.#keys.uid(slot));
    this.#keys.remove(slot);
  }

  #grow(): void {
    const used = this.#capacity;
    this.#capacity *= 2;
    this.#values = grown(new Float64Array(this.#capacity * COLUMNS), this.#values);
    this.#touched = grown(new Float64Array(this.#capacity), this.#touched);
    this.#created = grown(new Float64Array(this.#capacity), this.#created);
    this.#unknown = grown(new Uint8Array(this.#capacity), this.#unknown);
    this.#keys.grow(this.#capacity, used);
  }
}

function grown<T extends Float64Array | Uint8Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
