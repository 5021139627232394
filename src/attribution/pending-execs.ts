// Attribution: execs whose name is not settled yet. What /proc said at the time in; the name, or none, out. A name changes
// early in an exec and its event comes at the end, so what is read in between may be the next name, with no event to warn:
// it is believed only when 100 ms have passed without one.
import { UNKNOWN_WORD } from './identity.ts';

/** ns; far longer than an exec takes from its new name to its event. */
const DOUBT = 100e6;
/** Execs in doubt at most; beyond, they are unknown at once. At 4,000 a second 100 ms hold 400. */
const LIMIT = 65_536;

export const NOBODY = new Uint32Array(4).fill(UNKNOWN_WORD);

interface Pending {
  /** Four words; NOBODY when nothing could be read. */
  readonly comm: Uint32Array;
  readonly uid: number;
  /** CLOCK_MONOTONIC, ns: when it was read, or later */
  readonly at: number;
}

/** Told the name of an exec, four words from `at` on, and the uid that it went under. */
export type Settle = (tgid: number, comm: Uint32Array, at: number, uid: number) => void;

export class PendingExecs {
  readonly #settle: Settle;
  /** By tgid, oldest first: a process has at most one, and a new one goes to the end. */
  readonly #pending = new Map<number, Pending>();

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  get size(): number {
    return this.#pending.size;
  }

  add(tgid: number, comm: Uint32Array, at: number, uid: number, now: number): void {
    if (this.#pending.size >= LIMIT) this.#settle(tgid, NOBODY, 0, uid);
    else this.#pending.set(tgid, { comm: comm.slice(at, at + 4), uid, at: now });
  }

  /** Something has happened to the process: its pending exec, if any, has this name, or none. */
  end(tgid: number, comm: Uint32Array = NOBODY, at = 0): void {
    // With perf there is hardly ever one, and this runs for every event.
    const pending = this.#pending.size === 0 ? undefined : this.#pending.get(tgid);
    if (pending === undefined) return;
    this.#pending.delete(tgid);
    this.#settle(tgid, comm, at, pending.uid);
  }

  /**
   * Its process has ended, and this was its name at the end. Where a signal ended it, that may be the name of a later exec
   * that failed past the point of no return (fs/exec.c) and sent no event: then it has to be what /proc said.
   */
  endAs(tgid: number, words: Uint32Array, at: number, killed: boolean): void {
    const comm = this.#pending.get(tgid)?.comm;
    if (comm === undefined) return;
    const same = comm.every((word, i) => word === words[at + i]);
    if (killed && !same) this.end(tgid);
    else this.end(tgid, words, at);
  }

  /** An event is missing: it may have been the one to warn. */
  endAll(): void {
    for (const tgid of this.#pending.keys()) this.end(tgid);
  }

  /** All events from before `drained` (CLOCK_MONOTONIC, ns) have been seen. */
  expire(drained: number): void {
    for (const [tgid, { comm, at }] of this.#pending) {
      if (drained < at + DOUBT) return;
      this.end(tgid, comm);
    }
  }
}
