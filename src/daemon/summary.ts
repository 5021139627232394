// Daemon: what /api/v1/summary says, for people and their page. The state of this moment in; plain data out. Names of its
// fields stay; others may be added.
import { hostname } from 'node:os';
import type { Aggregator, PairsCut } from '../aggregator/aggregator.ts';
import type { ColumnName } from '../aggregator/columns.ts';
import type { EventCounts } from '../aggregator/event-counts.ts';
import type { Histogram } from '../aggregator/histogram.ts';
import type { History } from '../aggregator/history.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { FIGURES } from '../collector/record.ts';
import type { HealthReport } from '../http/health-report.ts';
import type { Summary } from '../http/summary-answers.ts';
import type {
  SummaryCoredump,
  SummaryReport,
  SummaryRow,
  SummaryStorm,
} from '../http/summary-report.ts';
import type { UserNames } from '../users/user-names.ts';
import { lagOf } from './lag-shares.ts';
import type { Narrator } from './narrator.ts';
import type { StormFigures } from './storm-figures.ts';
import type { Upkeep } from './upkeep.ts';

/** Rows of each table: what a person reads. */
const TOP = 10;
/** Columns that together are one number of a table. */
const TABLES: Readonly<Record<string, readonly ColumnName[]>> = {
  forks: ['forks'],
  execs: ['execs'],
  exits: ['exits'],
  failures: [
    'exitFailures',
    'sigkill',
    'sigsegv',
    'sigabrt',
    'sigbus',
    'sigill',
    'sigfpe',
    'sigterm',
    'sigother',
  ],
  coredumps: ['coredumps'],
};

export interface Summarized {
  readonly version: string;
  readonly collector: Collector;
  readonly attribution: Attribution;
  readonly pairs: Aggregator;
  readonly counts: EventCounts;
  readonly history: History;
  readonly lag: Histogram;
  readonly upkeep: Pick<Upkeep, 'unheard'>;
  readonly storms: StormFigures;
  readonly narrator: Pick<Narrator, 'recent' | 'storm' | 'lastCoredumpTimestamp'>;
  readonly users: UserNames;
  readonly health: { report(): HealthReport };
  readonly pidsLimit: number;
  readonly pairsMax: number;
  readonly stormThreshold: number;
  /** CLOCK_MONOTONIC, ns */
  readonly now: () => number;
}

interface SummaryUser {
  readonly user: string | null;
}

export class DaemonSummary implements Summary {
  readonly #of: Summarized;

  constructor(summarized: Summarized) {
    this.#of = summarized;
  }

  report(): SummaryReport {
    const { collector, attribution, pairs, counts, history, storms, narrator } = this.#of;
    const health = this.#of.health.report();
    const f = collector.figures;
    const cut = pairs.copy();
    const storm = narrator.storm as SummaryStorm | null;
    const now = this.#of.now() / 1e9;
    const time = Date.now() / 1000;
    const shed = f.slice(FIGURES.shed, FIGURES.shed + 9).reduce((sum, count) => sum + count, 0);
    return {
      version: this.#of.version,
      host: hostname(),
      startTime: performance.timeOrigin / 1000,
      time,
      health,
      processes: attribution.processes,
      tasks: attribution.tasks,
      pidsLimit: this.#of.pidsLimit,
      pairs: cut.slots - 1,
      pairsLimit: this.#of.pairsMax,
      totals: { ...counts.totals, storms: storms.storms, stormSeconds: storms.stormSeconds },
      lost: {
        kernel: f[FIGURES.lostKernel]! + this.#of.upkeep.unheard,
        socket: f[FIGURES.lostSocket]!,
        shed,
      },
      overruns: f[FIGURES.overruns]!,
      lag: lagOf(this.#of.lag.copy()),
      stormThreshold: this.#of.stormThreshold,
      lastForkStorm: storms.lastStormTimestamp,
      lastCoredump: narrator.lastCoredumpTimestamp,
      ratesEnd: time - (now - Math.floor(now)),
      rates: history.rates(now),
      top: this.#tables(cut),
      storm: storm === null ? null : this.#named(storm),
      recent: {
        'fork storm': narrator.recent['fork storm'].map((one) => this.#named(one as SummaryStorm)),
        'core dump': narrator.recent['core dump'].map((one) =>
          this.#withUser(one as SummaryCoredump),
        ),
      },
    };
  }

  #named(storm: SummaryStorm): SummaryStorm {
    return { ...storm, creators: storm.creators.map((one) => this.#withUser(one)) };
  }

  #withUser<T extends { readonly uid: number | '<unknown>' }>(person: T): T & SummaryUser {
    const { uid } = person;
    return {
      ...person,
      user: (uid === '<unknown>' ? undefined : this.#of.users.name(uid)) ?? null,
    };
  }

  #tables(cut: PairsCut): Record<string, SummaryRow[]> {
    const names = new Map(
      this.#of.users.of(this.#of.pairs.uids()).map(({ uid, user }) => [String(uid), user]),
    );
    const tables: Record<string, SummaryRow[]> = {};
    for (const [table, columns] of Object.entries(TABLES)) {
      const counted: { slot: number; count: number }[] = [];
      for (let slot = 0; slot < cut.slots; slot++) {
        let count = 0;
        for (const column of columns) count += cut.values[slot * cut.stride + cut.columns[column]]!;
        if (count > 0) counted.push({ slot, count });
      }
      tables[table] = counted
        .toSorted((a, b) => b.count - a.count)
        .slice(0, TOP)
        .map(({ slot, count }) => {
          const { comm, uid } = cut.labels[slot]!;
          return { comm, uid, user: names.get(uid) ?? null, count };
        });
    }
    return tables;
  }
}
