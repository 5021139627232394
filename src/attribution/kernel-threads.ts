// Attribution: new kernel threads. Their tgids in; their names, once their maker has given them one, into the table.
import { UNKNOWN_WORD } from './identity.ts';
import type { ProcessTable } from './process-table.ts';
import type { Procfs } from './procfs.ts';

/** Every kernel thread is its child (kernel/kthread.c), and named by its maker after the fork, with no event. */
export const KTHREADD = 2;
/** Unnamed ones to look at again: far above what a host makes at once. */
const LIMIT = 1024;

export class KernelThreads {
  readonly #procfs: Procfs;
  readonly #table: ProcessTable;
  #unnamed: number[] = [];

  constructor(procfs: Procfs, table: ProcessTable) {
    this.#procfs = procfs;
    this.#table = table;
  }

  /** A child of kthreadd, whose comm is unknown in the table. */
  add(tgid: number): void {
    if (this.#unnamed.length < LIMIT) this.#unnamed.push(tgid);
  }

  /** Looks for the names of those that have none yet. */
  look(): void {
    if (this.#unnamed.length === 0) return;
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    const inherited = this.#procfs.readComm(KTHREADD);
    for (const tgid of unnamed) {
      const index = this.#table.find(tgid);
      if (index < 0 || this.#table.comm[index * 4] !== UNKNOWN_WORD) continue;
      const comm = this.#procfs.readComm(tgid);
      if (comm === undefined) continue;
      if (comm.every((word, i) => word === inherited?.[i])) this.#unnamed.push(tgid);
      else this.#table.setComm(index, comm, 0);
    }
  }
}
