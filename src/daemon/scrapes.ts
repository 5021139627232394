// Daemon: a scrape. A cut of all that is counted in; the rendered answer out.
import type { Aggregator } from '../aggregator/aggregator.ts';
import type { EventCounts } from '../aggregator/event-counts.ts';
import type { Histogram } from '../aggregator/histogram.ts';
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { EVENT_KINDS, FIGURES } from '../collector/record.ts';
import type { Cut } from '../exposition/cut.ts';
import type { ExporterRegistry } from '../exposition/registry.ts';
import type { Scrapes } from '../http/app.ts';
import type { DaemonHealth } from './health.ts';
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
  readonly pidsLimit: number;
  readonly pairsMax: number;
}

export class DaemonScrapes implements Scrapes {
  readonly #counted: Counted;
  readonly #registry: ExporterRegistry;
  #stale = 0;
  /** The newest cut and its rendering, shared by the scrapes that it answers. */
  #cut: { readonly number: number; readonly body: Promise<Buffer> } | undefined;

  constructor(o: { counted: Counted; registry: ExporterRegistry }) {
    this.#counted = o.counted;
    this.#registry = o.registry;
  }

  async scrape(
    timeoutSeconds: number | undefined,
  ): Promise<{ readonly contentType: string; readonly body: Buffer }> {
    const { collector } = this.#counted;
    const wait = timeoutSeconds === undefined ? DEFAULT_WAIT_MS : timeoutSeconds * 500;
    const body = await collector.cut(wait, (fresh) => {
      if (!fresh) {
        this.#stale++;
        return this.#registry.expose(this.takeCut());
      }
      const number = collector.figures[FIGURES.cutDone]!;
      if (this.#cut?.number !== number) {
        this.#cut = { number, body: this.#registry.expose(this.takeCut()) };
      }
      return this.#cut.body;
    });
    return { contentType: this.#registry.contentType, body };
  }

  /** Of what is consumed now. */
  takeCut(): Cut {
    const { collector, attribution, pairs, counts } = this.#counted;
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
      staleScrapes: this.#stale,
    };
  }
}
