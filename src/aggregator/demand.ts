// Aggregator: how many different pairs found no slot. Pairs in, an estimate of their number out, in memory of fixed size
// (HyperLogLog: Flajolet, Fusy, Gandouet, Meunier, 2007).
import { getRandomValues } from 'node:crypto';

/** 4,096 registers a window: a standard error of 1.04 / 64, 1.6 %, whatever the number. */
const INDEX_BITS = 12;
const REGISTERS = 1 << INDEX_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/** Of what was wanted in this window and the one before: as long as a pair keeps its slot, and up to twice that. */
const WINDOW_SECONDS = 600;

export class Demand {
  readonly #seed = getRandomValues(new Int32Array(1))[0]!;
  #current = new Uint8Array(REGISTERS);
  #before = new Uint8Array(REGISTERS);
  #since = 0;

  /** `now`: s, monotonic. */
  add(words: Uint32Array, at: number, uid: number, now: number): void {
    this.#turn(now);
    let hash = this.#seed;
    for (let i = 0; i < 4; i++) hash = mixed(hash, words[at + i]!);
    hash = finished(mixed(hash, uid));
    const register = hash >>> (32 - INDEX_BITS);
    const rank = Math.clz32((hash << INDEX_BITS) | (1 << (INDEX_BITS - 1))) + 1;
    if (rank > this.#current[register]!) this.#current[register] = rank;
  }

  estimate(now: number): number {
    this.#turn(now);
    let sum = 0;
    let empty = 0;
    for (let i = 0; i < REGISTERS; i++) {
      const rank = Math.max(this.#current[i]!, this.#before[i]!);
      if (rank === 0) empty++;
      sum += 2 ** -rank;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few: linear counting is the better estimate.
    const few = raw <= 2.5 * REGISTERS && empty > 0;
    return Math.round(few ? REGISTERS * Math.log(REGISTERS / empty) : raw);
  }

  #turn(now: number): void {
    const windows = Math.floor((now - this.#since) / WINDOW_SECONDS);
    if (windows < 1) return;
    const free = this.#before.fill(0);
    // After a whole window in which nothing was asked, the last one is too old as well.
    this.#before = windows === 1 ? this.#current : free;
    this.#current = windows === 1 ? free : this.#current.fill(0);
    this.#since += windows * WINDOW_SECONDS;
  }
}

/** MurmurHash3's steps, for its spread; the seed keeps whoever chooses names from choosing registers. */
function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
