// Exposition: the form of a family of the whole host: its name, and where in a cut each of its values is read.
import type { HistogramCut } from '../aggregator/histogram.ts';
import type { Cut } from './cut.ts';
import { boundText } from './format.ts';
import { labelPair } from './label.ts';

export interface HostSample {
  /** After the family's name: _bucket, _sum or _count. */
  readonly suffix?: string;
  /** As written between the braces; empty: no braces. */
  readonly labels: string;
  /** Where OpenMetrics writes them differently. */
  readonly openMetricsLabels?: string;
  readonly read: (cut: Cut) => number;
}

export interface HostFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly HostSample[];
  /** Counts from the boot of the host, not from our start: no _created of ours would be right. */
  readonly sinceBoot?: boolean;
  /** Beside the samples: label texts of series that come and go, whose value is always 1. */
  readonly rows?: (cut: Cut) => readonly string[];
  /** The names of the labels of `rows`. */
  readonly rowLabels?: readonly string[];
}

type Read = HostSample['read'];

export function plain(read: Read): readonly HostSample[] {
  return [{ labels: '', read }];
}

export function listed(
  label: string,
  values: readonly string[],
  read: (cut: Cut) => ArrayLike<number>,
): readonly HostSample[] {
  return values.map((value, i) => ({
    labels: labelPair(label, value),
    read: (cut) => read(cut)[i] ?? 0,
  }));
}

export function named(label: string, reads: Readonly<Record<string, Read>>): readonly HostSample[] {
  return Object.entries(reads).map(([value, read]) => ({ labels: labelPair(label, value), read }));
}

/** `bounds` as the histogram has them. */
export function histogram(
  bounds: readonly number[],
  read: (cut: Cut) => HistogramCut,
): readonly HostSample[] {
  const upTo = (cut: Cut, bucket: number): number =>
    read(cut)
      .counts.subarray(0, bucket + 1)
      .reduce((sum, count) => sum + count, 0);
  return [
    ...bounds.map((bound, bucket) => ({
      suffix: '_bucket',
      labels: labelPair('le', boundText(bound, 'text')),
      openMetricsLabels: labelPair('le', boundText(bound, 'openmetrics')),
      read: (cut: Cut) => upTo(cut, bucket),
    })),
    { suffix: '_bucket', labels: 'le="+Inf"', read: (cut) => upTo(cut, bounds.length) },
    { suffix: '_sum', labels: '', read: (cut) => read(cut).sum },
    { suffix: '_count', labels: '', read: (cut) => upTo(cut, bounds.length) },
  ];
}

/** A line to its value. */
export function leadingText(name: string, labels: string): string {
  return labels === '' ? `${name} ` : `${name}{${labels}} `;
}
