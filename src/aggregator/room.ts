// Aggregator: who gets a slot once all are taken. A pair that wants one in; the slot of a pair whose time is over out, or
// none.
import { UNKNOWN_UID } from '../attribution/identity.ts';

/** A pair keeps its slot so long after its last event: two scrapes of any usual interval have seen the last count by then. */
const KEEP_SECONDS = 600;
/** Looking for slots visits all pairs and all live processes: at most a millisecond for 100,000, once a second. */
const LOOK_INTERVAL_SECONDS = 1;
/** Of the slots, as many are left to uids within their share: whoever makes names without end cannot have the last ones. */
const RESERVED_SHARE = 1 / 8;

/** Calls `mark` with the slot of every pair that a live process has. */
export type Living = (mark: (slot: number) => void) => void;

export class Room {
  readonly #limit: number;
  readonly #living: Living;
  /** Pairs by uid: as many entries as there are pairs, at most. */
  readonly #pairsOf = new Map<number, number>();
  /** Slots that the last look found past their time, the next one last. */
  #past: number[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(o: { limit: number; living: Living }) {
    this.#limit = o.limit;
    this.#living = o.living;
  }

  /** Uids that have pairs. */
  uids(): Iterable<number> {
    return this.#pairsOf.keys();
  }

  taken(uid: number): void {
    this.#pairsOf.set(uid, (this.#pairsOf.get(uid) ?? 0) + 1);
  }

  left(uid: number): void {
    const pairs = this.#pairsOf.get(uid) ?? 0;
    if (pairs > 1) this.#pairsOf.set(uid, pairs - 1);
    else this.#pairsOf.delete(uid);
  }

  /**
   * While all slots are taken: one for a new pair of this uid, or 0. `touched` is each slot's last event, in seconds of the
   * clock that `now` is; infinite for those that are kept for ever. `slots` counts <other>'s, which is never given.
   */
  find(uid: number, touched: Float64Array, slots: number, now: number): number {
    if (now - this.#lookedAt >= LOOK_INTERVAL_SECONDS) this.#look(touched, slots, now);
    const reserved = this.#isAboveShare(uid) ? Math.floor(this.#limit * RESERVED_SHARE) : 0;
    while (this.#past.length > reserved) {
      const slot = this.#past.pop()!;
      // Used again since the look: then a process may have it, too.
      if (touched[slot]! <= this.#lookedAt - KEEP_SECONDS) return slot;
    }
    return 0;
  }

  #look(touched: Float64Array, slots: number, now: number): void {
    this.#lookedAt = now;
    const alive = new Uint8Array(slots);
    this.#living((slot) => {
      alive[slot] = 1;
    });
    this.#past = [];
    for (let slot = slots - 1; slot > 0; slot--) {
      if (alive[slot] === 0 && touched[slot]! <= now - KEEP_SECONDS) this.#past.push(slot);
    }
  }

  /** The share is the limit divided by the uids that have pairs; 0 always counts as one, the unknown uid as none. */
  #isAboveShare(uid: number): boolean {
    const others = (this.#pairsOf.has(0) ? 0 : 1) - (this.#pairsOf.has(UNKNOWN_UID) ? 1 : 0);
    const share = this.#limit / Math.max(1, this.#pairsOf.size + others);
    return (this.#pairsOf.get(uid) ?? 0) > share;
  }
}
