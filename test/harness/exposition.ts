// A strict reader of Prometheus' text format 0.0.4. Input: a scrape's body. Output: samples by
// series, families with HELP and TYPE. Whatever the format forbids throws.

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** In their order. */
  readonly samples: Sample[];
}

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
// Stricter than Go's ParseFloat, which takes any case: both formats write it so.
const VALUE = /^(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|[+-]Inf|NaN)$/;
const SUFFIXES: Record<string, readonly string[]> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** What both formats have. */
export class Samples {
  readonly families = new Map<string, Family>();
  readonly samples = new Map<string, Sample>();

  /** 0 for a series that is not there: for whole-host families, use value(). */
  valueOr0(name: string, labels: Labels = {}): number {
    return this.samples.get(seriesKey(name, labels))?.value ?? 0;
  }

  value(name: string, labels: Labels = {}): number {
    const sample = this.samples.get(seriesKey(name, labels));
    if (!sample) throw new Error(`no series ${seriesKey(name, labels)}`);
    return sample.value;
  }

  series(name: string): Sample[] {
    return [...this.samples.values()].filter((sample) => sample.name === name);
  }

  sum(name: string): number {
    return this.series(name).reduce((sum, sample) => sum + sample.value, 0);
  }

  protected addFamily(family: Family): Family {
    const { name } = family;
    if (!NAME.test(name)) throw new Error(`bad family name ${name}`);
    if (this.families.has(name)) throw new Error(`family ${name} comes twice`);
    this.families.set(name, family);
    return family;
  }

  protected addSample(family: Family | undefined, suffixes: readonly string[], line: string): void {
    const sample = parseSample(line);
    if (!family || !suffixes.some((suffix) => sample.name === family.name + suffix))
      throw new Error(`sample outside of its family: ${line}`);
    const key = seriesKey(sample.name, sample.labels);
    if (this.samples.has(key)) throw new Error(`series comes twice: ${key}`);
    this.samples.set(key, sample);
    family.samples.push(sample);
  }
}

export class Exposition extends Samples {
  #current: Family | undefined;
  #help: { name: string; text: string } | undefined;

  constructor(text: string) {
    super();
    if (!text.endsWith('\n')) throw new Error('the last line does not end');
    for (const line of text.slice(0, -1).split('\n')) this.#take(line);
    if (this.#help) throw new Error(`HELP without TYPE: ${this.#help.name}`);
  }

  #take(line: string): void {
    const [, word, name = '', text = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === 'HELP') this.#takeHelp(name, text);
    else if (word === 'TYPE') this.#takeType(name, text);
    else if (line.startsWith('#')) throw new Error(`stray comment: ${line}`);
    else if (this.#help) throw new Error(`HELP without TYPE: ${this.#help.name}`);
    else if (line !== '')
      this.addSample(this.#current, SUFFIXES[this.#current?.type ?? ''] ?? [''], line);
  }

  #takeHelp(name: string, text: string): void {
    if (this.#help) throw new Error(`HELP without TYPE: ${this.#help.name}`);
    if (/\\(?![\\n])/.test(text.replaceAll('\\\\', '')))
      throw new Error(`bad escape in HELP of ${name}`);
    this.#help = { name, text };
  }

  #takeType(name: string, type: string): void {
    if (!TYPES.has(type)) throw new Error(`bad type ${type} of ${name}`);
    if (this.#help?.name !== name) throw new Error(`TYPE of ${name} without its HELP before it`);
    this.#current = this.addFamily({ name, type, help: this.#help.text, samples: [] });
    this.#help = undefined;
  }
}

export function seriesKey(name: string, labels: Labels): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${name}${JSON.stringify(sorted)}`;
}

function parseSample(line: string): Sample {
  const [, name = '', labelText, valueText = ''] = SAMPLE.exec(line) ?? [];
  if (!NAME.test(name)) throw new Error(`not a sample: ${line}`);
  if (!VALUE.test(valueText)) throw new Error(`bad value: ${line}`);
  const labels = labelText === undefined ? {} : parseLabels(labelText, line);
  return { name, labels, value: Number(valueText.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string, line: string): Labels {
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    LABEL.lastIndex = at;
    const [whole = '', name = '', value = ''] = LABEL.exec(text) ?? [];
    if (whole === '') throw new Error(`bad labels: ${line}`);
    if (name in labels) throw new Error(`label ${name} comes twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
    at += whole.length;
  }
  return labels;
}
