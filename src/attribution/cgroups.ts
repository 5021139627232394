// Attribution: in which cgroup somebody is, for the log. A lineage in; the path in /proc, its own or the nearest ancestor's
// that can still be read, out.
import { LINEAGE_ANCESTORS, LINEAGE_PID, PERSON_WORDS } from './lineage.ts';
import type { Processes } from './processes.ts';
import type { Procfs } from './procfs.ts';

/** Files read in a second at most, some 15 µs each: more lines than one a second are not logged, and more are not asked for. */
const READS_A_SECOND = 20;

export interface Cgroup {
  /** As bytes. */
  readonly path: Uint8Array;
  /** Whose it is. */
  readonly pid: number;
}

export class Cgroups {
  readonly #procfs: Procfs;
  readonly #now: () => number;
  #second = 0;
  #left = READS_A_SECOND;

  /** `now`: CLOCK_MONOTONIC, ns */
  constructor(o: { readonly procfs: Procfs; readonly now: () => number }) {
    this.#procfs = o.procfs;
    this.#now = o.now;
  }

  /** Of the one whose lineage stands at words[at ..), born at `born`; undefined when nothing can be read, or too much was. */
  read(processes: Processes, words: Uint32Array, at: number, born: number): Cgroup | undefined {
    const people = words[at + LINEAGE_ANCESTORS]! + 1;
    for (let i = 0; i < people; i++) {
      const pid = words[at + LINEAGE_PID + i * PERSON_WORDS]!;
      const index = processes.table.find(pid);
      // A younger process of this number is another one.
      if (index < 0 || processes.table.born[index]! > born) continue;
      if (!this.#mayRead()) return undefined;
      const path = this.#procfs.readCgroup(pid);
      if (path !== undefined) return { path, pid };
    }
    return undefined;
  }

  #mayRead(): boolean {
    const second = Math.floor(this.#now() / 1e9);
    if (second !== this.#second) this.#left = READS_A_SECOND;
    this.#second = second;
    return this.#left-- > 0;
  }
}
