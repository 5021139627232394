// Daemon: a scrape. A cut of all that is counted in; the rendered answer out.
import type { Aggregator } from '../aggregator/aggregator.ts';
import type { EventCounts } from '../aggregator/event-counts.ts';
import type { Histogram } from '../aggregator/histogram.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { EVENT_KINDS, FIGURES } from '../collector/record.ts';
import { Answers } from '../exposition/answers.ts';
import type { Cut } from '../exposition/cut.ts';
import { CONTENT_TYPE, type Format } from '../exposition/format.ts';
import type { ExporterRegistry } from '../exposition/registry.ts';
import type { Scrapes } from '../http/app.ts';
import type { UserNames } from '../users/user-names.ts';
import type { DaemonHealth } from './health.ts';
import type { Narrator } from './narrator.ts';
import type { StormFigures } from './storm-figures.ts';
import type { Upkeep } from './upkeep.ts';

/** How long a scrape waits for its cut when the scraper does not say how long it waits itself. */
const DEFAULT_WAIT_MS = 1000;

export interface Counted {
  readonly collector: Collector;
  readonly attribution: Attribution;
  readonly pairs: Aggregator;
  readonly counts: EventCounts;
  readonly health: Pick<DaemonHealth, 'collectorUp' | 'taskstatsUp' | 'execNamesUp'>;
  readonly lag: Histogram;
  readonly upkeep: Pick<Upkeep, 'resyncs' | 'heals' | 'unheard'>;
  readonly readForks: () => number;
  readonly storms: StormFigures;
  readonly narrator: Pick<Narrator, 'lastCoredumpTimestamp' | 'suppressedLines'>;
  readonly users: UserNames;
  readonly pidsLimit: number;
  readonly pairsMax: number;
}

export class DaemonScrapes implements Scrapes {
  readonly #counted: Counted;
  readonly #registry: ExporterRegistry;
  readonly #startTime = Math.round(performance.timeOrigin) / 1000;
  #staleScrapes = 0;
  /** Of the newest cut, as long as somebody may ask for it. */
  #answers: { readonly cut: number; readonly answers: Answers } | undefined;

  constructor(o: { counted: Counted; registry: ExporterRegistry }) {
    this.#counted = o.counted;
    this.#registry = o.registry;
  }

  async scrape(
    timeoutSeconds: number | undefined,
    format: Format,
    gzip: boolean,
  ): Promise<{ readonly contentType: string; readonly body: Buffer }> {
    const wait = timeoutSeconds === undefined ? DEFAULT_WAIT_MS : timeoutSeconds * 500;
    const body = await this.#counted.collector.cut(wait, (fresh) =>
      (fresh ? this.#shared() : this.#stale()).body(format, gzip),
    );
    return { contentType: CONTENT_TYPE[format], body };
  }

  #stale(): Answers {
    this.#staleScrapes++;
    return new Answers(this.#registry, this.takeCut());
  }

  #shared(): Answers {
    const cut = this.#counted.collector.figures[FIGURES.cutDone]!;
    if (this.#answers?.cut !== cut) {
      this.#answers = { cut, answers: new Answers(this.#registry, this.takeCut()) };
      // Who waits for one cut is told in one turn of the event loop. Nobody asks for it later: an idle process keeps none.
      setImmediate(() => {
        if (this.#answers?.cut === cut) this.#answers = undefined;
      });
    }
    return this.#answers.answers;
  }

  /** Of what is consumed now. */
  takeCut(): Cut {
    const { collector, attribution, pairs, counts, storms, narrator } = this.#counted;
    pairs.now = performance.now() / 1000;
    const f = collector.figures;
    attribution.settle(f[FIGURES.drained]!);
    const kinds = EVENT_KINDS.length;
    return {
      pairs: pairs.copy(),
      pairsLimit: this.#counted.pairsMax,
      events: f.slice(FIGURES.events, FIGURES.events + kinds),
      shed: f.slice(FIGURES.shed, FIGURES.shed + kinds),
      lostKernel: f[FIGURES.lostKernel]! + this.#counted.upkeep.unheard,
      lostSocket: f[FIGURES.lostSocket]!,
      rejectedSender: f[FIGURES.rejected]!,
      rejectedLength: f[FIGURES.rejected + 1]!,
      rejectedConnector: f[FIGURES.rejected + 2]!,
      rejectedKind: f[FIGURES.rejected + 3]!,
      overruns: f[FIGURES.overruns]!,
      kernelForks: this.#counted.readForks(),
      unresolved: pairs.unresolved.slice(),
      foldedEvents: pairs.foldedEvents,
      threadExits: counts.threadExits,
      duplicateCoredumps: counts.duplicateCoredumps,
      processes: attribution.processes,
      tasks: attribution.tasks,
      pidsLimit: this.#counted.pidsLimit,
      ringSlots: collector.slots,
      ringUsedSlots: collector.used,
      receiveBufferBytes: f[FIGURES.receiveBuffer]!,
      receiveBufferUsedBytes: f[FIGURES.receiveUsed]!,
      exitBufferBytes: f[FIGURES.exitBuffer]!,
      exitBufferUsedBytes: f[FIGURES.exitUsed]!,
      lostExitRecords: f[FIGURES.lostExitRecords]!,
      lostExecNames: f[FIGURES.lostExecNames]!,
      pendingExecs: attribution.pendingExecs,
      lifetime: counts.lifetime.copy(),
      lag: this.#counted.lag.copy(),
      resyncs: this.#counted.upkeep.resyncs,
      heals: this.#counted.upkeep.heals,
      taskstatsUp: this.#counted.health.taskstatsUp ? 1 : 0,
      execNamesUp: this.#counted.health.execNamesUp ? 1 : 0,
      collectorUp: this.#counted.health.collectorUp ? 1 : 0,
      staleScrapes: this.#staleScrapes,
      pairsWanted: pairs.pairsWanted,
      retired: pairs.retired.slice(),
      users: this.#counted.users.of(pairs.uids()),
      forksPerSecond: storms.forksPerSecond(),
      forkStorms: storms.storms,
      forkStormSeconds: storms.stormSeconds,
      lastForkStormTimestamp: storms.lastStormTimestamp,
      lastCoredumpTimestamp: narrator.lastCoredumpTimestamp,
      suppressedLogLines: narrator.suppressedLines,
      startTime: this.#startTime,
    };
  }
}
