// Aggregator: a histogram of the whole host. Values in, counts by bucket and their sum out.

export interface HistogramCut {
  /** Upper bounds, without +Inf. */
  readonly bounds: readonly number[];
  /** One count a bucket, not cumulated; the last is +Inf's. */
  readonly counts: Float64Array;
  readonly sum: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += value;
  }

  copy(): HistogramCut {
    return { bounds: this.#bounds, counts: this.#counts.slice(), sum: this.#sum };
  }
}
