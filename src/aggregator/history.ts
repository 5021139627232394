// Aggregator: the last ten minutes of the whole host, by the second. Running totals in, as often as something was counted;
// growth by second, and which seconds were a storm's, out. It needs no timer: seconds in which nothing was counted are empty.

/** What the page shows: a storm and what led to it, in 10 kB a series. */
export const HISTORY_SECONDS = 600;

export const HISTORY_SERIES = ['forks', 'execs', 'exits', 'failures', 'coredumps'] as const;
export type HistorySeries = (typeof HISTORY_SERIES)[number];
export type Totals = Readonly<Record<HistorySeries, number>>;
export type Rates = Readonly<Record<HistorySeries | 'storms', readonly number[]>>;

export class History {
  readonly #start: number;
  /** The second that is counted into, of kernel time. */
  #second: number;
  readonly #growth = HISTORY_SERIES.map(() => new Float64Array(HISTORY_SECONDS));
  readonly #last = new Float64Array(HISTORY_SERIES.length);
  /** 1: a second over the threshold. */
  readonly #storms = new Uint8Array(HISTORY_SECONDS);
  #stormSeconds = 0;

  /** `now`: s, of the clock by which the kernel stamps events (CLOCK_MONOTONIC), as storms are told in its seconds. */
  constructor(now: number) {
    this.#start = this.#second = Math.floor(now);
  }

  /** The totals as they are now. What they have grown by since the last call belongs to this second, if that is kept. */
  note(second: number, totals: Totals): void {
    this.#turn(second);
    // A reader may have turned to the next second while events of this one were still on their way.
    const kept = second >= this.#start && second > this.#second - HISTORY_SECONDS;
    const place = (kept ? second : this.#second) % HISTORY_SECONDS;
    for (const [i, series] of HISTORY_SERIES.entries()) {
      this.#growth[i]![place]! += totals[series] - this.#last[i]!;
      this.#last[i] = totals[series];
    }
  }

  /** `seconds`: over the threshold since the start; `last`: which was the last of them. It is told once that second is over. */
  noteStorms(seconds: number, last: number): void {
    // Of more than one since the last call, as when the main thread was held up, the others are taken for those before it.
    const fresh = Math.min(seconds - this.#stormSeconds, HISTORY_SECONDS);
    this.#stormSeconds = seconds;
    if (fresh > 0) this.#turn(last);
    for (let second = last; second > last - fresh; second--) {
      const there = second > this.#second - HISTORY_SECONDS && second >= this.#start;
      if (there) this.#storms[second % HISTORY_SECONDS] = 1;
    }
  }

  /** Seconds from oldest to newest, this one, which is not over, not among them. All series have the same number of them. */
  rates(now: number): Rates {
    this.#turn(Math.floor(now));
    const seconds = Math.min(HISTORY_SECONDS - 1, this.#second - this.#start);
    const first = this.#second - seconds;
    const ordered = (ring: Float64Array | Uint8Array): number[] =>
      Array.from({ length: seconds }, (_, i) => ring[(first + i) % HISTORY_SECONDS]!);
    const read = (series: HistorySeries): number[] =>
      ordered(this.#growth[HISTORY_SERIES.indexOf(series)]!);
    return {
      forks: read('forks'),
      execs: read('execs'),
      exits: read('exits'),
      failures: read('failures'),
      coredumps: read('coredumps'),
      storms: ordered(this.#storms),
    };
  }

  #turn(second: number): void {
    const passed = Math.min(HISTORY_SECONDS, second - this.#second);
    for (let i = 0; i < passed; i++) {
      const place = (second - i) % HISTORY_SECONDS;
      for (const growth of this.#growth) growth[place] = 0;
      this.#storms[place] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
