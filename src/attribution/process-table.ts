// Attribution: the processes that are alive, by tgid. Columns of typed arrays; an index names a process until it is
// removed.
//
//   buckets  bucket -> index + 1 (0: empty)   a power of two, at most half full, linear probing
//   columns  index -> tgid, comm, uid, ...    removed indices are linked through `tgid` as a free list

const FIRST_CAPACITY = 1024;

export class ProcessTable {
  /** Four words a process. */
  comm = new Uint32Array(FIRST_CAPACITY * 4);
  uid = new Uint32Array(FIRST_CAPACITY);
  /** Live tasks, as far as they are known. */
  tasks = new Int32Array(FIRST_CAPACITY);
  /** The sink's pair, or -1 while comm or uid have changed since it was asked. */
  pair = new Int32Array(FIRST_CAPACITY);
  /** The loss count at which comm and uid were last known to be right. */
  epoch = new Uint32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** CLOCK_MONOTONIC, ns; 0 when it was not seen born. */
  born = new Float64Array(FIRST_CAPACITY);
  /** The scan that saw it last, or that was under way or over when it was born. */
  scan = new Uint32Array(FIRST_CAPACITY);
  tgid = new Int32Array(FIRST_CAPACITY);
  /** The tgid that made it, or that it was given to by the time it was read; 0 when that is not known. */
  parent = new Int32Array(FIRST_CAPACITY);
  size = 0;
  readonly #limit: number;
  #capacity = FIRST_CAPACITY;
  #used = 0;
  #free = -1;
  #buckets = new Int32Array(FIRST_CAPACITY * 2);
  #shift = 32 - Math.log2(FIRST_CAPACITY * 2);

  /** `limit`: processes at most; what the kernel itself allows (pid_max, threads-max) is the natural one. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The index of a process, or -1. */
  find(tgid: number): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    let bucket = this.#home(tgid);
    for (;;) {
      const index = buckets[bucket]! - 1;
      if (index < 0 || this.tgid[index] === tgid) return index;
      bucket = (bucket + 1) & mask;
    }
  }

  /** A fresh entry for a tgid that is not in the table; -1 when the table is full. The caller fills every column. */
  insert(tgid: number): number {
    if (this.size >= this.#limit) return -1;
    let index = this.#free;
    if (index >= 0) {
      this.#free = this.tgid[index]!;
    } else {
      if (this.#used === this.#capacity) this.#grow();
      index = this.#used++;
    }
    this.tgid[index] = tgid;
    this.#link(tgid, index);
    this.size++;
    return index;
  }

  remove(index: number): void {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    let hole = this.#home(this.tgid[index]!);
    while (buckets[hole] !== index + 1) hole = (hole + 1) & mask;
    // Shift back what probing had pushed past the hole, so that no tombstones pile up.
    for (let next = (hole + 1) & mask; buckets[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.tgid[buckets[next]! - 1]!);
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        buckets[hole] = buckets[next]!;
        hole = next;
      }
    }
    buckets[hole] = 0;
    this.tgid[index] = this.#free;
    this.#free = index;
    this.size--;
  }

  /** Indices are below this; not all of them are in use. */
  get end(): number {
    return this.#used;
  }

  isUsed(index: number): boolean {
    return this.find(this.tgid[index]!) === index;
  }

  setComm(index: number, words: Uint32Array, at: number): void {
    const to = index * 4;
    const comm = this.comm;
    comm[to] = words[at]!;
    comm[to + 1] = words[at + 1]!;
    comm[to + 2] = words[at + 2]!;
    comm[to + 3] = words[at + 3]!;
    this.pair[index] = -1;
  }

  setUid(index: number, uid: number): void {
    this.uid[index] = uid;
    this.pair[index] = -1;
  }

  /** Fibonacci hashing: pids are handed out in sequence, and this spreads sequences evenly. */
  #home(tgid: number): number {
    return Math.imul(tgid, 0x9e3779b1) >>> this.#shift;
  }

  #link(tgid: number, index: number): void {
    const mask = this.#buckets.length - 1;
    let bucket = this.#home(tgid);
    while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
    this.#buckets[bucket] = index + 1;
  }

  #grow(): void {
    const capacity = (this.#capacity *= 2);
    this.comm = grown(new Uint32Array(capacity * 4), this.comm);
    this.uid = grown(new Uint32Array(capacity), this.uid);
    this.tasks = grown(new Int32Array(capacity), this.tasks);
    this.pair = grown(new Int32Array(capacity), this.pair);
    this.epoch = grown(new Uint32Array(capacity), this.epoch);
    this.flags = grown(new Uint8Array(capacity), this.flags);
    this.born = grown(new Float64Array(capacity), this.born);
    this.scan = grown(new Uint32Array(capacity), this.scan);
    this.tgid = grown(new Int32Array(capacity), this.tgid);
    this.parent = grown(new Int32Array(capacity), this.parent);
    this.#buckets = new Int32Array(capacity * 2);
    this.#shift--;
    // It grows only when no index is free, so every index is in use.
    for (let index = 0; index < this.#used; index++) this.#link(this.tgid[index]!, index);
  }
}

function grown<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(
  larger: T,
  old: T,
): T {
  larger.set(old);
  return larger;
}
