// Daemon: seconds of kernel time and storms, as metrics. The collector's figures in; a histogram, counters and a time out.
import type { HistogramCut } from '../aggregator/histogram.ts';
import { FIGURES, SECOND_BOUNDS, SECOND_BUCKETS } from '../collector/record.ts';

export class StormFigures {
  readonly #figures: Float64Array;

  /** `figures`: the collector's, live. */
  constructor(figures: Float64Array) {
    this.#figures = figures;
  }

  /** Processes created in each second that is closed. */
  forksPerSecond(): HistogramCut {
    const f = this.#figures;
    return {
      bounds: SECOND_BOUNDS,
      counts: f.slice(FIGURES.seconds, FIGURES.seconds + SECOND_BUCKETS),
      sum: f[FIGURES.secondsSum]!,
    };
  }

  get storms(): number {
    return this.#figures[FIGURES.storms]!;
  }

  /** Seconds over the threshold. */
  get stormSeconds(): number {
    return this.#figures[FIGURES.stormSeconds]!;
  }

  /** When the last of them began, in Unix time; 0 until the first. */
  get lastStormTimestamp(): number {
    return this.#figures[FIGURES.stormLastUnixMs]! / 1000;
  }
}
