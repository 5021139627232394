// Aggregator: the last ten minutes of the whole host, by the second. Running totals in, as often as something was counted;
// growth by second out. It needs no timer: seconds in which nothing was counted are empty.

/** What the page shows: a storm and what led to it, in 10 kB a series. */
export const HISTORY_SECONDS = 600;

export const HISTORY_SERIES = ['forks', 'execs', 'exits', 'failures'] as const;
export type HistorySeries = (typeof HISTORY_SERIES)[number];
export type Totals = Readonly<Record<HistorySeries, number>>;
export type Rates = Readonly<Record<HistorySeries, readonly number[]>>;

export class History {
  readonly #start: number;
  /** The second that is counted into; of a monotonic clock. */
  #second: number;
  readonly #growth = HISTORY_SERIES.map(() => new Float64Array(HISTORY_SECONDS));
  readonly #last = new Float64Array(HISTORY_SERIES.length);

  /** `now`: s, monotonic */
  constructor(now: number) {
    this.#start = this.#second = Math.floor(now);
  }

  /** The totals as they are now. What they have grown by since the last call belongs to this second. */
  note(now: number, totals: Totals): void {
    this.#turn(Math.floor(now));
    const place = this.#second % HISTORY_SECONDS;
    for (const [i, series] of HISTORY_SERIES.entries()) {
      this.#growth[i]![place]! += totals[series] - this.#last[i]!;
      this.#last[i] = totals[series];
    }
  }

  /** Seconds from oldest to newest, this one, which is not over, not among them. All series have the same number of them. */
  rates(now: number): Rates {
    this.#turn(Math.floor(now));
    const seconds = Math.min(HISTORY_SECONDS - 1, this.#second - this.#start);
    const read = (series: HistorySeries): number[] => {
      const growth = this.#growth[HISTORY_SERIES.indexOf(series)]!;
      const first = this.#second - seconds;
      return Array.from({ length: seconds }, (_, i) => growth[(first + i) % HISTORY_SECONDS]!);
    };
    return {
      forks: read('forks'),
      execs: read('execs'),
      exits: read('exits'),
      failures: read('failures'),
    };
  }

  #turn(second: number): void {
    const passed = Math.min(HISTORY_SECONDS, second - this.#second);
    for (let i = 0; i < passed; i++) {
      for (const growth of this.#growth) growth[(second - i) % HISTORY_SECONDS] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
