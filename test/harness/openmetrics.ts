// A strict reader of OpenMetrics 1.0.0, for the types that we write. Input: a scrape's body. Output: as of the other
// reader. Whatever the specification forbids throws, and what it leaves open but we always write.
import { Samples, seriesKey, type Family, type Sample } from './exposition.ts';

const SUFFIXES: Record<string, readonly string[]> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
};
const UNIT = /_(seconds|bytes)$/;
const CANONICAL = /^(?:\d+\.\d+|\d(?:\.\d+)?e[+-]\d{2,3}|\+Inf)$/;
const END = '\n# EOF\n';

interface OpenFamily extends Family {
  unit: string | undefined;
  help: string;
}

export class OpenMetrics extends Samples {
  #current: OpenFamily | undefined;

  constructor(text: string) {
    super();
    if (!text.endsWith(END)) throw new Error('does not end with # EOF');
    for (const line of text.slice(0, -END.length).split('\n')) this.#take(line);
    for (const family of this.families.values()) check(family as OpenFamily);
    this.#checkNames();
  }

  #take(line: string): void {
    const [, word, name = '', text = ''] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    const family = this.#current;
    if (word === 'TYPE') {
      if (!(text in SUFFIXES)) throw new Error(`bad type: ${line}`);
      const fresh = { name, type: text, unit: undefined, help: '', samples: [] };
      this.#current = fresh;
      this.addFamily(fresh);
    } else if (word !== undefined) {
      if (family?.name !== name || family.help !== '' || family.samples.length > 0)
        throw new Error(`out of its place: ${line}`);
      if (word === 'HELP') family.help = helpOf(text, line);
      else if (family.unit === undefined) family.unit = text;
      else throw new Error(`a second UNIT: ${line}`);
    } else {
      this.addSample(family, SUFFIXES[family?.type ?? ''] ?? [], line);
    }
  }

  /** No sample may be taken for one of another family. */
  #checkNames(): void {
    for (const { name, type } of this.families.values()) {
      for (const suffix of SUFFIXES[type] ?? []) {
        if (suffix !== '' && this.families.has(name + suffix))
          throw new Error(`family ${name + suffix} has the name of a sample of ${name}`);
      }
    }
  }
}

function helpOf(text: string, line: string): string {
  if (text === '' || !/^(?:[^\\"]|\\[\\n"])*$/.test(text)) throw new Error(`bad HELP: ${line}`);
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function check(family: OpenFamily): void {
  const { name, type, unit, help, samples } = family;
  if (help === '') throw new Error(`no HELP: ${name}`);
  if (unit !== UNIT.exec(name)?.[1]) throw new Error(`wrong UNIT of ${name}: ${unit}`);
  if (type === 'counter' && name.endsWith('_total')) throw new Error(`with _total: ${name}`);
  for (const metric of metricsOf(samples)) {
    if (type === 'counter') checkCounter(name, metric);
    if (type === 'histogram') checkHistogram(name, metric);
  }
}

/** Samples with the same labels but for `le`, which must stand together. */
function metricsOf(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const metrics = new Map<string, Sample[]>();
  let last = '';
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = seriesKey('', labels);
    if (key !== last && metrics.has(key)) throw new Error(`interleaved: ${sample.name} ${key}`);
    metrics.set(key, [...(metrics.get(key) ?? []), sample]);
    last = key;
  }
  return [...metrics.values()];
}

function checkCounter(name: string, metric: readonly Sample[]): void {
  const [total, ...rest] = metric;
  if (total?.name !== `${name}_total` || rest.some((sample) => sample.name !== `${name}_created`))
    throw new Error(`not _total, then _created: ${name}`);
  if (!(total.value >= 0)) throw new Error(`a counter of ${total.value}: ${name}`);
}

function checkHistogram(name: string, metric: readonly Sample[]): void {
  const buckets = metric.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => labels['le'] ?? '');
  if (!bounds.every((bound) => CANONICAL.test(bound)))
    throw new Error(`le of ${name}: ${bounds.join()}`);
  const ascending = (numbers: readonly number[], least: number): boolean =>
    numbers.every((number, i) => i === 0 || number - numbers[i - 1]! >= least);
  if (
    !ascending(
      bounds.map((bound) => Number(bound.replace('+Inf', 'Infinity'))),
      1e-9,
    )
  )
    throw new Error(`le of ${name} not in order: ${bounds.join()}`);
  const counts = buckets.map(({ value }) => value);
  const count = metric.find((sample) => sample.name === `${name}_count`)?.value;
  if (!ascending(counts, 0) || bounds.at(-1) !== '+Inf' || count !== counts.at(-1))
    throw new Error(`buckets of ${name}: ${counts.join()} of ${count}`);
}
