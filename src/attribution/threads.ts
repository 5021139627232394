// Attribution: threads whose comm or uid differs from their process's. What they fork inherits from them.
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import type { Procfs } from './procfs.ts';

export interface Identity {
  /** Four words. */
  readonly comm: Uint32Array;
  uid: number;
}

/** Threads at most: above what busy servers name, and 16 MB at worst. Threads beyond it count as their process. */
const LIMIT = 65_536;

export class DifferingThreads {
  readonly #procfs: Procfs;
  readonly #byProcess = new Map<number, Map<number, Identity>>();
  #size = 0;
  /** False once an event was lost: then a thread that is not here may differ all the same. */
  #complete = true;

  constructor(procfs: Procfs) {
    this.#procfs = procfs;
  }

  /** The identity of a thread that differs; undefined when it is as its process. */
  find(tid: number, tgid: number): Identity | undefined {
    const known = this.#byProcess.get(tgid)?.get(tid);
    if (known !== undefined || this.#complete) return known;
    const read = this.#procfs.readStatus(`${tgid}/task/${tid}`);
    const identity =
      read === undefined
        ? { comm: new Uint32Array(4).fill(UNKNOWN_WORD), uid: UNKNOWN_UID }
        : { comm: read.comm, uid: read.uid };
    return this.#add(tid, tgid, identity);
  }

  /** The identity of a thread, to be changed; a new one starts as a copy of its process's. */
  change(
    tid: number,
    tgid: number,
    comm: Uint32Array,
    at: number,
    uid: number,
  ): Identity | undefined {
    return this.find(tid, tgid) ?? this.#add(tid, tgid, { comm: comm.slice(at, at + 4), uid });
  }

  /** A thread has ended. */
  drop(tid: number, tgid: number): void {
    const threads = this.#byProcess.get(tgid);
    if (threads === undefined || !threads.delete(tid)) return;
    this.#size--;
    if (threads.size === 0) this.#byProcess.delete(tgid);
  }

  /** All of a process's threads have ended, or one of them has executed a program. */
  dropAll(tgid: number): void {
    if (this.#size === 0) return;
    this.#size -= this.#byProcess.get(tgid)?.size ?? 0;
    this.#byProcess.delete(tgid);
  }

  /** Nothing that is remembered can be relied on any more. */
  forget(): void {
    this.#byProcess.clear();
    this.#size = 0;
    this.#complete = false;
  }

  #add(tid: number, tgid: number, identity: Identity): Identity | undefined {
    if (this.#size >= LIMIT) return undefined;
    let threads = this.#byProcess.get(tgid);
    if (threads === undefined) this.#byProcess.set(tgid, (threads = new Map<number, Identity>()));
    threads.set(tid, identity);
    this.#size++;
    return identity;
  }
}
