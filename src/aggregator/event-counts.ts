// Aggregator: what happened to which pair in, columns out. Implements attribution's sink.
import type { Sink } from '../attribution/sink.ts';
import type { Aggregator } from './aggregator.ts';
import { COLUMN } from './columns.ts';
import { Histogram } from './histogram.ts';

/** Signal numbers of asm-generic/signal.h, as they are on every architecture that Node runs on but MIPS. */
const COLUMN_OF_SIGNAL: ReadonlyMap<number, number> = new Map([
  [4, COLUMN.sigill],
  [6, COLUMN.sigabrt],
  [7, COLUMN.sigbus],
  [8, COLUMN.sigfpe],
  [9, COLUMN.sigkill],
  [11, COLUMN.sigsegv],
  [15, COLUMN.sigterm],
]);

export class EventCounts implements Sink {
  /**
   * Of the whole host: processes created, programs executed, processes ended, those that ended with a status other than 0 or by a
   * signal; and crashes. */
  readonly totals = { forks: 0, execs: 0, exits: 0, failures: 0, coredumps: 0 };
  threadExits = 0;
  duplicateCoredumps = 0;
  /** Seconds from fork to end, of processes seen born. */
  readonly lifetime: Histogram;
  readonly #pairs: Aggregator;

  constructor(pairs: Aggregator, lifetimeBounds: readonly number[]) {
    this.#pairs = pairs;
    this.lifetime = new Histogram(lifetimeBounds);
  }

  pair(words: Uint32Array, at: number, uid: number): number {
    return this.#pairs.pair(words, at, uid);
  }

  known(words: Uint32Array, at: number, uid: number): number {
    return this.#pairs.known(words, at, uid);
  }

  keep(pair: number): void {
    this.#pairs.keep(pair);
  }

  fork(pair: number): void {
    this.totals.forks++;
    this.#pairs.add(pair, COLUMN.forks, 1);
  }

  thread(pair: number): void {
    this.#pairs.add(pair, COLUMN.threads, 1);
  }

  exec(pair: number): void {
    this.totals.execs++;
    this.#pairs.add(pair, COLUMN.execs, 1);
  }

  exit(pair: number, status: number): void {
    this.totals.exits++;
    this.#pairs.add(pair, COLUMN.exits, 1);
    const signal = status & 0x7f;
    if (status !== 0) this.totals.failures++;
    if (signal !== 0) {
      this.#pairs.add(pair, COLUMN_OF_SIGNAL.get(signal) ?? COLUMN.sigother, 1);
    } else if ((status & 0xff00) !== 0) {
      this.#pairs.add(pair, COLUMN.exitFailures, 1);
    }
  }

  lived(seconds: number): void {
    this.lifetime.observe(seconds);
  }

  cpu(pair: number, user: number, system: number): void {
    this.#pairs.add(pair, COLUMN.cpuUser, user);
    this.#pairs.add(pair, COLUMN.cpuSystem, system);
  }

  threadExit(): void {
    this.threadExits++;
  }

  coredump(pair: number): void {
    this.totals.coredumps++;
    this.#pairs.add(pair, COLUMN.coredumps, 1);
  }

  duplicateCoredump(): void {
    this.duplicateCoredumps++;
  }

  coreWritten(pair: number): void {
    this.#pairs.add(pair, COLUMN.coresWritten, 1);
  }
}
