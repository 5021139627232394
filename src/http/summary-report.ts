// HTTP: what /api/v1/summary says. Types only: the daemon fills them in, and the live page's code reads them. Names stay;
// others may be added. Times are Unix time in seconds.
import type { HealthReport } from './health-report.ts';

/** One number a second, oldest first, the same number of them in all. */
export interface SummaryRates {
  readonly forks: readonly number[];
  readonly execs: readonly number[];
  readonly exits: readonly number[];
  readonly failures: readonly number[];
  readonly coredumps: readonly number[];
  /** 1 where more processes were created than --storm.threshold. */
  readonly storms: readonly number[];
}

export interface SummaryPerson {
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | '<unknown>';
  readonly user: string | null;
}

export interface SummaryStorm {
  /** ISO 8601; the end is that of the last second over the threshold. */
  readonly start: string;
  readonly end: string;
  readonly seconds: number;
  readonly peakPerSecond: number;
  readonly created: number;
  /** The five busiest, busiest first. */
  readonly creators: readonly (SummaryPerson & { readonly created: number })[];
}

export interface SummaryCoredump extends SummaryPerson {
  readonly time: number;
  readonly signal: string | null;
  readonly coreWritten: boolean | null;
}

export interface SummaryRow {
  readonly comm: string;
  readonly uid: string;
  readonly user: string | null;
  /** Since the start. */
  readonly count: number;
}

export interface SummaryReport {
  readonly version: string;
  readonly host: string;
  readonly startTime: number;
  readonly time: number;
  readonly health: HealthReport;
  readonly processes: number;
  readonly tasks: number;
  readonly pidsLimit: number;
  readonly pairs: number;
  readonly pairsLimit: number;
  /** Since the start. */
  readonly totals: {
    readonly forks: number;
    readonly execs: number;
    readonly exits: number;
    readonly failures: number;
    readonly coredumps: number;
    readonly storms: number;
    readonly stormSeconds: number;
  };
  readonly lost: { readonly kernel: number; readonly socket: number; readonly shed: number };
  readonly overruns: number;
  /** Seconds from the kernel's time stamp to counted, of all events since the start: within which the part was. null: longer. */
  readonly lag: {
    readonly events: number;
    readonly half: number | null;
    readonly p99: number | null;
    readonly all: number | null;
  };
  readonly stormThreshold: number;
  readonly lastForkStorm: number;
  readonly lastCoredump: number;
  /** When the last second of `rates` was over. */
  readonly ratesEnd: number;
  readonly rates: SummaryRates;
  readonly top: Readonly<Record<string, readonly SummaryRow[]>>;
  /** The storm that goes on. */
  readonly storm: SummaryStorm | null;
  /** Newest first. */
  readonly recent: {
    readonly 'fork storm': readonly SummaryStorm[];
    readonly 'core dump': readonly SummaryCoredump[];
  };
}
