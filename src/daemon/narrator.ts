// Daemon: what the log tells and metrics cannot. Creations, crashes and the collector's storms in; one line for each storm
// and each core dump out, at most one a second of either kind.
import { constants } from 'node:os';
import type { Crash } from '../attribution/crashes.ts';
import type { Processes } from '../attribution/processes.ts';
import type { Procfs } from '../attribution/procfs.ts';
import type { Observer } from '../attribution/sink.ts';
import { FIGURES } from '../collector/record.ts';
import { Creators } from './creators.ts';
import type { Logger } from './log.ts';
import { logPerson } from './log-person.ts';

/** ns. The contract: at most one line a second of a kind. */
const BETWEEN_LINES = 1e9;

const SIGNALS: ReadonlyMap<number, string> = new Map(
  // Of two names for one number (SIGIOT, SIGPOLL) the first is the usual one.
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** What a page shows. Each is below 2 kB. */
const RECENT = 10;

type Line = 'fork storm' | 'core dump';

export class Narrator implements Observer {
  /** Lines that were one too many. */
  suppressedLines = 0;
  /** The last lines of each kind, newest first, whether they were logged or one too many. */
  readonly recent: Readonly<Record<Line, object[]>> = { 'fork storm': [], 'core dump': [] };
  /** When the last core dump began, in Unix time; 0 until the first. */
  lastCoredumpTimestamp = 0;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #now: () => number;
  readonly #creators: Creators;
  readonly #lineAt = new Map<Line, number>();
  /** Storms and their seconds by the last look; what was known of the last one then, while it has not been told of. */
  #storms = 0;
  #seconds = 0;
  #untold: object | undefined;

  /** `threshold`: processes in a storm second. `now`: CLOCK_MONOTONIC, ns. */
  constructor(o: {
    readonly log: Pick<Logger, 'warn'>;
    readonly threshold: number;
    readonly procfs: Procfs;
    readonly now: () => number;
  }) {
    this.#log = o.log;
    this.#now = o.now;
    this.#creators = new Creators(o);
  }

  created(processes: Processes, tgid: number, index: number, time: number): void {
    this.#creators.created(processes, tgid, index, time);
  }

  dumping(time: number): void {
    this.lastCoredumpTimestamp = (Date.now() - (this.#now() - time) / 1e6) / 1e3;
  }

  crashed(crash: Crash): void {
    const { lineage, cgroup, signal, coreWritten } = crash;
    const name = signal === undefined ? null : (SIGNALS.get(signal) ?? `signal ${signal}`);
    this.#say('core dump', () => ({
      ...logPerson(lineage, cgroup),
      signal: name,
      coreWritten: coreWritten ?? null,
    }));
  }

  /** After every drain, with the collector's figures. */
  drained(figures: Float64Array): void {
    const storms = figures[FIGURES.storms]!;
    const seconds = figures[FIGURES.stormSeconds]!;
    if (storms !== this.#storms) this.#turnTo(storms);
    this.#creators.judge(figures);
    if (seconds !== this.#seconds) this.#untold = stormFields(figures);
    this.#seconds = seconds;
    if (figures[FIGURES.stormOpen] === 0) this.#tellStorm({});
  }

  /** The storm that goes on, as a line would tell of it now. */
  get storm(): object | null {
    return this.#untold === undefined ? null : { ...this.#untold, creators: this.#logCreators() };
  }

  /** At the end, with the last figures: a storm that still goes on is told of as far as it is known. */
  stop(figures: Float64Array): void {
    this.drained(figures);
    this.#tellStorm({ goesOn: true });
  }

  /** Another storm has begun. Those before were told of already, unless the main thread was held up for many seconds. */
  #turnTo(storms: number): void {
    this.#tellStorm({});
    this.suppressedLines += storms - this.#storms - 1;
    this.#storms = storms;
    this.#creators.reset();
  }

  #tellStorm(more: object): void {
    const fields = this.#untold;
    if (fields === undefined) return;
    this.#untold = undefined;
    this.#say('fork storm', () => ({ ...fields, ...more, creators: this.#logCreators() }));
  }

  #logCreators(): object[] {
    return this.#creators
      .busiest()
      .map(({ lineage, cgroup, created }) =>
        Object.assign(logPerson(lineage, cgroup), { created }),
      );
  }

  #say(line: Line, fields: () => object): void {
    const now = this.#now();
    const told = fields();
    this.recent[line].unshift({ time: Date.now() / 1000, ...told });
    this.recent[line].length = Math.min(this.recent[line].length, RECENT);
    if (now - (this.#lineAt.get(line) ?? Number.NEGATIVE_INFINITY) < BETWEEN_LINES) {
      this.suppressedLines++;
      return;
    }
    this.#lineAt.set(line, now);
    this.#log.warn(told, line);
  }
}

function stormFields(figures: Float64Array): object {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    start: iso(figures[FIGURES.stormFirstUnixMs]!),
    // The end of its last second.
    end: iso(figures[FIGURES.stormLastUnixMs]! + 1000),
    seconds: figures[FIGURES.stormLength]!,
    peakPerSecond: figures[FIGURES.stormPeak]!,
    created: figures[FIGURES.stormCreated]!,
  };
}
