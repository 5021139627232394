// Attribution: threads whose comm or uid differs from their process's. What they fork inherits from them.
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import type { Procfs } from './procfs.ts';

export interface Identity {
  /** Four words. */
  readonly comm: Uint32Array;
  uid: number;
}

/** A process whose threads differ. */
interface Diverged {
  /** What every thread was when they began to differ; undefined when that was before we looked. */
  readonly base: Identity | undefined;
  /** Whether threads differ in this, since. */
  comm: boolean;
  uid: boolean;
  readonly known: Map<number, Identity>;
  /** Made since. The kernel does not tell by whom; where threads differ, only /proc knows what such a thread is. */
  readonly late: Set<number>;
}

/** Threads at most: above what busy servers name, and some 50 MB at worst. Beyond it /proc is asked each time. */
const LIMIT = 65_536;

const NOBODY: Identity = { comm: new Uint32Array(4).fill(UNKNOWN_WORD), uid: UNKNOWN_UID };

export class DifferingThreads {
  readonly #procfs: Procfs;
  readonly #byProcess = new Map<number, Diverged>();
  #size = 0;
  /** False once an event was lost, or could not be kept: then any process's threads may differ. */
  #complete = true;

  constructor(procfs: Procfs) {
    this.#procfs = procfs;
  }

  /** From now on the threads of this process may differ from each other in `what`. `base` is what they are until now. */
  diverge(tgid: number, what: 'comm' | 'uid', base: Identity): void {
    let process = this.#byProcess.get(tgid);
    if (process === undefined) {
      const all = !this.#complete;
      process = {
        base: all ? undefined : base,
        comm: all,
        uid: all,
        known: new Map(),
        late: new Set(),
      };
      this.#byProcess.set(tgid, process);
    }
    process[what] = true;
  }

  /** A process that was not seen from its start, with more than one task. */
  meet(tgid: number): void {
    const process = {
      base: undefined,
      comm: true,
      uid: true,
      known: new Map(),
      late: new Set<number>(),
    };
    if (!this.#byProcess.has(tgid)) this.#byProcess.set(tgid, process);
  }

  /** A thread was made. */
  created(tid: number, tgid: number): void {
    const process = this.#byProcess.get(tgid);
    if (process === undefined || process.base === undefined || !this.#hasRoom()) return;
    process.late.add(tid);
    this.#size++;
  }

  /** The identity of a thread, not to be changed; undefined when it is its process's. `current` is that. */
  find(tid: number, tgid: number, current: () => Identity): Identity | undefined {
    const process = this.#byProcess.get(tgid);
    const known = process?.known.get(tid);
    if (known !== undefined || (process === undefined && this.#complete)) return known;
    if (process?.base !== undefined && this.#complete && !process.late.has(tid))
      return process.base;
    const read = this.#procfs.readStatus(`${tgid}/task/${tid}`) ?? NOBODY;
    const same = current();
    const differs = this.#complete ? process : undefined;
    const comm = differs?.comm === false ? same.comm : read.comm;
    const uid = differs?.uid === false ? same.uid : read.uid;
    return this.#keep(tid, tgid, { comm: comm.slice(), uid });
  }

  /** The identity of a thread, to be changed in `what`. `current` is its process's. */
  change(tid: number, tgid: number, what: 'comm' | 'uid', current: Identity): Identity {
    const { comm, uid } = this.find(tid, tgid, () => current) ?? current;
    this.diverge(tgid, what, current);
    const known = this.#byProcess.get(tgid)?.known.get(tid);
    return known ?? this.#keep(tid, tgid, { comm: comm.slice(), uid });
  }

  /** A thread has ended. */
  drop(tid: number, tgid: number): void {
    const process = this.#byProcess.get(tgid);
    if (process === undefined) return;
    if (process.known.delete(tid)) this.#size--;
    if (process.late.delete(tid)) this.#size--;
  }

  /** All of a process's threads have ended, or one of them has executed a program. */
  dropAll(tgid: number): void {
    const process = this.#byProcess.get(tgid);
    if (process === undefined) return;
    this.#size -= process.known.size + process.late.size;
    this.#byProcess.delete(tgid);
  }

  /** Nothing that is remembered can be relied on any more. */
  forget(): void {
    this.#byProcess.clear();
    this.#size = 0;
    this.#complete = false;
  }

  /** Every process with threads has been met since the last loss. */
  verified(): void {
    this.#complete = this.#size < LIMIT;
  }

  #keep(tid: number, tgid: number, identity: Identity): Identity {
    this.meet(tgid);
    const known = this.#byProcess.get(tgid)?.known;
    if (known !== undefined && !known.has(tid) && this.#hasRoom()) {
      known.set(tid, identity);
      this.#size++;
    }
    return identity;
  }

  #hasRoom(): boolean {
    if (this.#size >= LIMIT) this.#complete = false;
    return this.#size < LIMIT;
  }
}
