// Attribution's output: each event with the pair (comm, uid) that it belongs to, as a number that the sink gives out; and
// for the log, who creates processes and who crashes.
import type { Crash } from './crashes.ts';
import type { Processes } from './processes.ts';

/** The pair of all that are not counted apart. Which those are may change: whoever is told this asks anew each time. */
export const FOLDED = 0;

export interface Sink {
  /** The pair of the comm in words[at .. at + 4) and the uid, made if need be; valid as long as a live process has it. */
  pair(words: Uint32Array, at: number, uid: number): number;
  /** The pair if there is one, else FOLDED. */
  known(words: Uint32Array, at: number, uid: number): number;
  /** The pair stays for ever. */
  keep(pair: number): void;
  fork(pair: number): void;
  thread(pair: number): void;
  exec(pair: number): void;
  /** `status` is a wait status (wait(2)). */
  exit(pair: number, status: number): void;
  /** Seconds from fork to end of a process that was seen born. */
  lived(seconds: number): void;
  /** CPU time of a task that has ended, µs. */
  cpu(pair: number, user: number, system: number): void;
  threadExit(): void;
  coredump(pair: number): void;
  duplicateCoredump(): void;
  coreWritten(pair: number): void;
}

export interface Observer {
  /** A process was created by `tgid`, which is at `index` of the table, or -1. `time`: CLOCK_MONOTONIC, ns. */
  created(processes: Processes, tgid: number, index: number, time: number): void;
  /** A process begins to dump core. `time` likewise. */
  dumping(time: number): void;
  /** It has ended. */
  crashed(crash: Crash): void;
}
