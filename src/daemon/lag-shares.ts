// Daemon: within which time what part of the events was counted. A histogram in; its quantiles, as bounds of buckets, out.
import type { HistogramCut } from '../aggregator/histogram.ts';
import type { SummaryReport } from '../http/summary-report.ts';

export function lagOf(cut: HistogramCut): SummaryReport['lag'] {
  const events = cut.counts.reduce((sum, count) => sum + count, 0);
  return {
    events,
    half: boundOf(cut, events * 0.5),
    p99: boundOf(cut, events * 0.99),
    all: boundOf(cut, events),
  };
}

/** The upper bound of the bucket in which the count is reached. null: beyond the last bound, or nothing was counted. */
function boundOf({ bounds, counts }: HistogramCut, wanted: number): number | null {
  let sum = 0;
  for (const [bucket, bound] of bounds.entries()) {
    sum += counts[bucket]!;
    if (sum > 0 && sum >= wanted) return bound;
  }
  return null;
}
