// Daemon: when what is counted happened, by the kernel's time. Each event's time stamp in; how long it took to be counted, and
// the last ten minutes by the second, out.
import type { EventCounts } from '../aggregator/event-counts.ts';
import { Histogram } from '../aggregator/histogram.ts';
import { HISTORY_SECONDS, History } from '../aggregator/history.ts';
import { timeOf } from '../attribution/record-words.ts';
import { EVENT_KINDS, FIGURES, WORD_HEAD } from '../collector/record.ts';
import { LAG_BOUNDS } from '../exposition/host-families.ts';

const SECOND = 1e9;
/** What is older is drawn as of now: in a time namespace the kernel's clock is not ours. */
const OLDEST = HISTORY_SECONDS * SECOND;

export class EventTimes {
  readonly lag = new Histogram(LAG_BOUNDS);
  readonly history: History;
  readonly #counts: EventCounts;
  readonly #now: () => number;
  #drainTime = 0;
  /** The end of the second that is counted into. */
  #secondEnd: number;

  /** `now`: CLOCK_MONOTONIC, by which the kernel stamps events. All times here are ns. */
  constructor(counts: EventCounts, now: () => number) {
    this.#counts = counts;
    this.#now = now;
    this.history = new History(now() / SECOND);
    this.#secondEnd = endOfSecond(now());
  }

  draining(): void {
    this.#drainTime = this.#now();
  }

  /** Before the record is counted. */
  see(words: Uint32Array, at: number): void {
    if ((words[at + WORD_HEAD]! & 0xff) >= EVENT_KINDS.length) return;
    const time = Math.min(this.#drainTime, timeOf(words, at));
    this.lag.observe((this.#drainTime - time) / SECOND);
    const happened = this.#drainTime - time > OLDEST ? this.#drainTime : time;
    if (happened < this.#secondEnd) return;
    this.#note();
    this.#secondEnd = endOfSecond(happened);
  }

  drained(figures: Float64Array): void {
    this.#note();
    this.history.noteStorms(figures[FIGURES.stormSeconds]!, figures[FIGURES.stormLast]!);
  }

  #note(): void {
    this.history.note(this.#secondEnd / SECOND - 1, this.#counts.totals);
  }
}

function endOfSecond(time: number): number {
  return (Math.floor(time / SECOND) + 1) * SECOND;
}
