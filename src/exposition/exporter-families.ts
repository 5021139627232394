// Exposition: what prom-client's registry holds (process_*, nodejs_*) in, its text in one of the two formats out. Rendered
// here, because prom-client's own switch of formats takes _total from its names for good, and writes NaN as Nan.
import { boundText, headText, numberText, stemOf, type Format } from './format.ts';
import { labelPair } from './label.ts';
import { leadingText } from './host-family.ts';

/** As getMetricsAsJSON() gives it. */
export interface RegisteredFamily {
  readonly name: string;
  readonly help: string;
  /** As prom-client says it, not its own numbers for them. */
  readonly type: string;
  readonly values: readonly RegisteredSample[];
}

export interface RegisteredSample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Of a part of a histogram or summary: with its suffix. */
  readonly metricName?: string;
}

export function exporterText(families: readonly RegisteredFamily[], format: Format): string {
  return families.map((family) => familyText(family, format)).join('');
}

function familyText(family: RegisteredFamily, format: Format): string {
  const counted = family.type === 'counter' && format === 'openmetrics';
  const name = counted ? `${stemOf(family.name)}_total` : family.name;
  let text = headText(family, format);
  for (const { value, labels, metricName = name } of family.values) {
    text += `${leadingText(metricName, labelsText(labels, format))}${numberText(value)}\n`;
  }
  return text;
}

function labelsText(labels: RegisteredSample['labels'], format: Format): string {
  return Object.entries(labels)
    .map(([name, value]) => labelPair(name, labelText(name, value ?? '', format)))
    .join(',');
}

function labelText(name: string, value: string | number, format: Format): string {
  const isBound = typeof value === 'number' && (name === 'le' || name === 'quantile');
  return isBound ? boundText(value, format) : String(value);
}
