// Watch: parents, births and depths, which the kernel tells only at a fork. Events in, in their order; what is known of a
// process beside its event out. Asks /proc for what began before, once for each process.
import type { ProcEvent } from '../library/events.ts';

/** Processes remembered: four times what large hosts run. Beyond, the oldest is forgotten, and asked for again. */
const KIN_MAX = 131_072;
/** A chain of parents is longer only where one of them is wrong. */
const ANCESTORS_MAX = 32;

export interface Kin {
  /** tgid; 0: none, or not known */
  readonly parent: number;
  /** CLOCK_MONOTONIC, ns; undefined: born before we looked */
  readonly bornNs: bigint | undefined;
  /** Escaped; undefined: not known */
  comm: string | undefined;
  /** By one of its tasks, which need not be the last. */
  coreWritten: boolean;
  /** Below how many others that were shown; -1: not shown yet. */
  depth: number;
}

export interface Ancestor {
  readonly pid: number;
  readonly comm: string | undefined;
}

/** undefined: it is gone. */
export type Ask = (tgid: number) => Pick<Kin, 'parent' | 'comm'> | undefined;

type Seen = Exclude<ProcEvent, { readonly kind: 'lost' | 'unknown' }>;

const NOBODY: Kin = {
  parent: 0,
  bornNs: undefined,
  comm: undefined,
  coreWritten: false,
  depth: -1,
};

export class Relatives {
  readonly #ask: Ask;
  readonly #kin = new Map<number, Kin>();
  /** Goes on where it was: to begin anew would pass by all that has gone since. */
  #oldest = this.#kin.keys();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Each event, also those that are not shown: births and ends are what others are told by. */
  take(event: Seen): void {
    const { tgid, comm } = event;
    if (event.kind === 'fork' && !event.isThread) {
      const { parentTgid: parent, timestampNs: bornNs } = event;
      this.#put(tgid, { parent, bornNs, comm, coreWritten: false, depth: -1 });
      return;
    }
    // Its parent is told of the core with its end, so its tasks that end later must be, too. That is rare: it may be asked for.
    const wrote = event.kind === 'exit' && event.coreWritten && event.endsProcess !== true;
    const kin = wrote ? this.of(tgid) : this.#kin.get(tgid);
    if (kin === undefined || kin === NOBODY) return;
    if (wrote) kin.coreWritten = true;
    if (!event.isThread) kin.comm = comm ?? kin.comm;
  }

  /** After an event's last use: of a process that has ended nothing is kept. */
  leave(event: Seen): void {
    if (event.kind === 'exit' && event.endsProcess === true) this.#kin.delete(event.tgid);
  }

  /** Events are missing: what was learnt may be another process's by now. */
  lost(): void {
    this.#kin.clear();
  }

  of(tgid: number): Kin {
    const known = this.#kin.get(tgid);
    if (known !== undefined) return known;
    const told = tgid > 0 ? this.#ask(tgid) : undefined;
    if (told === undefined) return NOBODY;
    const kin = { ...told, bornNs: undefined, coreWritten: false, depth: -1 };
    this.#put(tgid, kin);
    return kin;
  }

  /** It is shown now, and others may stand below it. */
  show(event: Seen): Kin {
    const { tgid } = event;
    // Of one that has ended /proc knows nothing that its last event does not; after a loss there are many.
    const ended = event.kind === 'exit' && event.endsProcess === true;
    if (ended && !this.#kin.has(tgid)) return NOBODY;
    const kin = this.of(tgid);
    if (kin !== NOBODY && kin.depth < 0) {
      const parent = this.#kin.get(kin.parent);
      kin.depth = parent === undefined ? 0 : parent.depth + 1;
    }
    return kin;
  }

  /** The nearest first. */
  ancestors(tgid: number): Ancestor[] {
    const found: Ancestor[] = [];
    let pid = this.of(tgid).parent;
    while (pid > 0 && found.length < ANCESTORS_MAX) {
      const kin = this.of(pid);
      found.push({ pid, comm: kin.comm });
      pid = kin.parent;
    }
    return found;
  }

  #put(tgid: number, kin: Kin): void {
    if (this.#kin.size >= KIN_MAX && !this.#kin.has(tgid)) {
      let next = this.#oldest.next();
      if (next.done === true) next = (this.#oldest = this.#kin.keys()).next();
      if (next.done !== true) this.#kin.delete(next.value);
    }
    this.#kin.set(tgid, kin);
  }
}
