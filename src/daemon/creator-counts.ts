// Daemon: who creates most, in bounded memory (Space-Saving, by Metwally and others). Creators in; a counter for each of the
// busiest out. Beyond COUNTERS a new creator takes over the counter of the least busy, whose count it starts from: what it
// may have from others stands beside it, so `count - error` is surely its own, and who made more than the 128th part of all
// is never missing.
import type { Cgroup } from '../attribution/cgroups.ts';
import { LINEAGE_WORDS } from '../attribution/lineage.ts';

/** 20 kB; five are shown. */
export const COUNTERS = 128;

export class CreatorCounts {
  size = 0;
  readonly tgid = new Int32Array(COUNTERS);
  /** CLOCK_MONOTONIC, ns; 0 when it was not seen born. */
  readonly born = new Float64Array(COUNTERS);
  readonly count = new Uint32Array(COUNTERS);
  readonly error = new Uint32Array(COUNTERS);
  /** LINEAGE_WORDS a counter. */
  readonly lineage = new Uint32Array(COUNTERS * LINEAGE_WORDS);
  readonly cgroup: (Cgroup | undefined)[] = Array.from({ length: COUNTERS });
  readonly #slots = new Map<number, number>();
  /** No count is below it, and none before the cursor since it rose is equal to it. */
  #least = 0;
  #cursor = 0;

  /** The counter of a process, or -1. */
  find(tgid: number, born: number): number {
    const slot = this.#slots.get(tgid);
    if (slot === undefined) return -1;
    // A loss makes the table forget a birth. One that is seen where none was known is of another life.
    return born === this.born[slot] || born === 0 ? slot : -1;
  }

  /** A counter for a process that has none. The caller fills lineage. */
  claim(tgid: number, born: number): number {
    let slot = this.size;
    if (slot < COUNTERS) {
      this.size++;
      this.count[slot] = 0;
    } else {
      slot = this.#leastBusy();
      const old = this.tgid[slot]!;
      if (this.#slots.get(old) === slot) this.#slots.delete(old);
    }
    this.error[slot] = this.count[slot]!;
    this.tgid[slot] = tgid;
    this.born[slot] = born;
    this.cgroup[slot] = undefined;
    this.#slots.set(tgid, slot);
    return slot;
  }

  /** Adds all counts of another one; who is in both is, in the lineage, as the other one knows it. */
  add(other: CreatorCounts): void {
    for (let from = 0; from < other.size; from++) {
      const tgid = other.tgid[from]!;
      const born = other.born[from]!;
      const known = this.find(tgid, born);
      const slot = known < 0 ? this.claim(tgid, born) : known;
      this.count[slot]! += other.count[from]!;
      this.error[slot]! += other.error[from]!;
      const at = from * LINEAGE_WORDS;
      this.lineage.set(other.lineage.subarray(at, at + LINEAGE_WORDS), slot * LINEAGE_WORDS);
      this.cgroup[slot] = other.cgroup[from] ?? this.cgroup[slot];
    }
  }

  /** Counters of the busiest, first first, by what is surely their own. */
  busiest(count: number): number[] {
    const own = (slot: number): number => this.count[slot]! - this.error[slot]!;
    return Array.from({ length: this.size }, (_, slot) => slot)
      .toSorted((a, b) => own(b) - own(a))
      .slice(0, count);
  }

  clear(): void {
    this.size = 0;
    this.#least = 0;
    this.#cursor = 0;
    this.#slots.clear();
  }

  /** Counts only grow, so that each round finds one, or the next least count. */
  #leastBusy(): number {
    for (;;) {
      for (; this.#cursor < COUNTERS; this.#cursor++) {
        if (this.count[this.#cursor]! <= this.#least) return this.#cursor++;
      }
      this.#cursor = 0;
      this.#least = this.count.reduce((least, count) => Math.min(least, count));
    }
  }
}
