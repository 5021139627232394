// Attribution: processes that dump core, for the log. COREDUMP in; who it was, as of then, and how it ended, once it has, out.
import type { Cgroup, Cgroups } from './cgroups.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import { LINEAGE_COMM, LINEAGE_UID, LINEAGE_WORDS, writeLineage } from './lineage.ts';
import type { Processes } from './processes.ts';

/** Processes that dump at once, 1 kB each: the kernel writes them in seconds, so beyond this their ends are not waited for. */
const LIMIT = 1024;

const CORE_BIT = 0x80;

export interface Crash {
  /** As lineage.ts has it. */
  readonly lineage: Uint32Array;
  readonly cgroup: Cgroup | undefined;
  /** undefined: its end was missed, and no task's told. */
  signal: number | undefined;
  /** undefined: likewise. */
  coreWritten: boolean | undefined;
}

export class Crashes {
  readonly #processes: Processes;
  readonly #cgroups: Cgroups;
  readonly #crashed: (crash: Crash) => void;
  /** By tgid, oldest first. */
  readonly #dumping = new Map<number, Crash>();

  constructor(o: {
    readonly processes: Processes;
    readonly cgroups: Cgroups;
    readonly crashed: (crash: Crash) => void;
  }) {
    this.#processes = o.processes;
    this.#cgroups = o.cgroups;
    this.#crashed = o.crashed;
  }

  begin(tgid: number, index: number): void {
    if (this.#dumping.has(tgid)) return;
    const processes = this.#processes;
    const lineage = new Uint32Array(LINEAGE_WORDS);
    writeLineage({ processes, tgid, index, ask: true, into: lineage, at: 0 });
    const born = index < 0 ? 0 : processes.table.born[index]!;
    const cgroup = this.#cgroups.read(processes, lineage, 0, born);
    this.#dumping.set(tgid, { lineage, cgroup, signal: undefined, coreWritten: undefined });
    if (this.#dumping.size <= LIMIT) return;
    const [oldest] = this.#dumping.keys();
    this.missed(oldest!);
  }

  /** A task has ended, with this wait status. In a crash of several threads only the one that dumped has the core bit. */
  taskEnded(tgid: number, status: number): void {
    // Nearly always there is none, and this runs for every exit.
    const crash = this.#dumping.size === 0 ? undefined : this.#dumping.get(tgid);
    const signal = status & 0x7f;
    if (crash === undefined || signal === 0) return;
    crash.signal = signal;
    crash.coreWritten = crash.coreWritten === true || (status & CORE_BIT) !== 0;
  }

  /** The process has ended. Its comm at words[at ..] and its uid have the last word, where they are known. */
  ended(tgid: number, words: Uint32Array, at: number, uid: number): void {
    const crash = this.#dumping.size === 0 ? undefined : this.#dumping.get(tgid);
    if (crash === undefined) return;
    const { lineage } = crash;
    if (words[at] !== UNKNOWN_WORD) {
      for (let i = 0; i < 4; i++) lineage[LINEAGE_COMM + i] = words[at + i]!;
    }
    if (uid !== UNKNOWN_UID) lineage[LINEAGE_UID] = uid;
    this.missed(tgid);
  }

  /** If it was dumping, it has ended, and nothing more is to be learnt of that. */
  missed(tgid: number): void {
    const crash = this.#dumping.size === 0 ? undefined : this.#dumping.get(tgid);
    if (crash === undefined) return;
    this.#dumping.delete(tgid);
    this.#crashed(crash);
  }

  /** The table has been held against /proc: who is no longer in it has ended. */
  resynced(): void {
    for (const tgid of this.#dumping.keys()) {
      if (this.#processes.table.find(tgid) < 0) this.missed(tgid);
    }
  }
}
