// Daemon: what /api/v1/summary says, for people and their page. The state of this moment in; plain data out. Names of its
// fields stay; others may be added.
import { hostname } from 'node:os';
import type { Aggregator, PairsCut } from '../aggregator/aggregator.ts';
import type { ColumnName } from '../aggregator/columns.ts';
import type { EventCounts } from '../aggregator/event-counts.ts';
import type { History } from '../aggregator/history.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { FIGURES } from '../collector/record.ts';
import type { HealthReport, Summary } from '../http/app.ts';
import type { UserNames } from '../users/user-names.ts';
import type { Narrator } from './narrator.ts';
import type { StormFigures } from './storm-figures.ts';

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
  readonly storms: StormFigures;
  readonly narrator: Pick<Narrator, 'recent' | 'lastCoredumpTimestamp'>;
  readonly users: UserNames;
  readonly health: { report(): HealthReport };
}

export class DaemonSummary implements Summary {
  readonly #of: Summarized;

  constructor(summarized: Summarized) {
    this.#of = summarized;
  }

  report(): object {
    const { collector, attribution, pairs, counts, history, storms, narrator } = this.#of;
    const health = this.#of.health.report();
    const f = collector.figures;
    const now = performance.now() / 1000;
    const shed = f.slice(FIGURES.shed, FIGURES.shed + 9).reduce((sum, count) => sum + count, 0);
    return {
      version: this.#of.version,
      host: hostname(),
      startTime: performance.timeOrigin / 1000,
      time: Date.now() / 1000,
      health,
      processes: attribution.processes,
      tasks: attribution.tasks,
      /** Since the start. */
      totals: { ...counts.totals, storms: storms.storms, stormSeconds: storms.stormSeconds },
      lost: { kernel: f[FIGURES.lostKernel]!, socket: f[FIGURES.lostSocket]!, shed },
      lastForkStorm: storms.lastStormTimestamp,
      lastCoredump: narrator.lastCoredumpTimestamp,
      /** One number a second, oldest first, up to the last second that is over. */
      rates: history.rates(now),
      top: this.#tables(pairs.copy()),
      recent: narrator.recent,
    };
  }

  #tables(cut: PairsCut): Record<string, object[]> {
    const names = new Map(
      this.#of.users.of(this.#of.pairs.uids()).map(({ uid, user }) => [String(uid), user]),
    );
    const tables: Record<string, object[]> = {};
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
