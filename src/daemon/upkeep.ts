// Daemon: what has to be done from time to time. Losses, execs in doubt and a silent feed in; rescans, settled names and
// a feed brought back out.
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { FIGURES } from '../collector/record.ts';
import { ExporterError } from '../errors.ts';
import type { Logger } from './log.ts';

/** A scan of 100,000 processes takes some 15 s of a quarter of the event loop: not more often than this. */
const RESYNC_INTERVAL_MS = 10_000;
/** What is queued is consumed in milliseconds; a collector that takes longer is not waited for. */
const CATCH_UP_MS = 1000;
/** An exec is in doubt for 100 ms; looked at a little later, all of that moment are settled at once. */
const SETTLE_AFTER_MS = 110;

export class Upkeep {
  resyncs = 0;
  heals = 0;
  /** Forks that the kernel made while it sent no events: never queued, and in no ledger. */
  unheard = 0;
  readonly #collector: Collector;
  readonly #attribution: Attribution;
  readonly #log: Logger;
  readonly #listenAgain: () => void;
  readonly #fatal: (error: ExporterError) => void;
  #losses = 0;
  #resync: NodeJS.Timeout | undefined;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #settling: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(o: {
    readonly collector: Collector;
    readonly attribution: Attribution;
    readonly log: Logger;
    readonly listenAgain: () => void;
    /** The daemon cannot go on. */
    readonly fatal: (error: ExporterError) => void;
  }) {
    this.#collector = o.collector;
    this.#attribution = o.attribution;
    this.#log = o.log;
    this.#listenAgain = o.listenAgain;
    this.#fatal = o.fatal;
  }

  /** After every drain. */
  drained(): void {
    if (this.#stopped) return;
    const { losses, pendingExecs } = this.#attribution;
    if (losses !== this.#losses) this.#planResync();
    if (pendingExecs > 0 && this.#settling === undefined) {
      this.#settling = setTimeout(() => void this.#settle(), SETTLE_AFTER_MS);
    }
  }

  /** The kernel makes processes, and no event comes: another program's IGNORE has silenced it, or a fault of the kernel. */
  heal(): void {
    this.#log.warn('the kernel creates processes and sends no events: the feed is asked for anew');
    this.#listenAgain();
  }

  /** It has come back; so many forks went unheard. */
  healed(unheard: number): void {
    this.heals++;
    this.unheard += unheard;
    this.#log.warn({ unheardForks: unheard }, 'the feed is back');
    this.#attribution.lost();
    this.drained();
  }

  /** It has not. */
  deaf(): void {
    this.#fatal(
      new ExporterError(
        'PROCEVENTS_FEED_SILENT',
        'the kernel creates processes and sends no events, also when asked anew',
      ),
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#resync);
    clearTimeout(this.#settling);
  }

  #planResync(): void {
    if (this.#resync !== undefined) return;
    const wait = Math.max(0, this.#resyncedAt + RESYNC_INTERVAL_MS - performance.now());
    this.#resync = setTimeout(() => void this.#rescan(), wait);
  }

  async #rescan(): Promise<void> {
    this.#losses = this.#attribution.losses;
    try {
      await this.#attribution.rescan(() => this.#collector.cut(CATCH_UP_MS, () => {}));
      this.resyncs++;
    } catch (error) {
      this.#log.error({ err: error }, 'the table of processes could not be held against /proc');
      this.#losses = -1;
    }
    this.#resyncedAt = performance.now();
    this.#resync = undefined;
    this.drained();
  }

  async #settle(): Promise<void> {
    await this.#collector.cut(CATCH_UP_MS, () => {
      this.#attribution.settle(this.#collector.figures[FIGURES.drained]!);
    });
    this.#settling = undefined;
    this.drained();
  }
}
