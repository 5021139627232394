// Exposition: a cut in, the text format 0.0.4 of all our families out. What does not change from scrape to
// scrape (heads of lines, label texts) is kept as bytes; a line is those bytes and a number.
import type { PairLabel } from '../aggregator/aggregator.ts';
import type { ColumnName } from '../aggregator/columns.ts';
import type { Cut } from './cut.ts';
import type { HostFamily } from './host-families.ts';
import { labelPair } from './label.ts';
import { PAIR_FAMILIES } from './pair-families.ts';
import { TextWriter } from './text-writer.ts';

interface PairText {
  readonly label: PairLabel;
  readonly bytes: Buffer;
}

interface SeriesText {
  readonly column: ColumnName;
  readonly onlyCounted: boolean;
  /** Divides the column: 1e6 µs are shown as 1 s, where multiplying by 1e-6 would not be exact. */
  readonly divisor: number;
  /** From the end of the pair's labels to the value. */
  readonly end: Buffer;
}

const NOTHING = Buffer.alloc(0);
const FIRST_SIZE = 64 * 1024;
/** A rendering may hold the event loop this long: records and other requests wait no longer. */
const SLICE_MS = 4;
/** How many pairs of one family between two looks at the clock: tens of microseconds, cold hundreds. */
const PAIRS_A_LOOK = 64;

const pairFamilies = PAIR_FAMILIES.map((family) => ({
  header: Buffer.from(header(family.name, 'counter', family.help)),
  head: Buffer.from(`${family.name}{`),
  series: family.series.map((series): SeriesText => ({
    column: series.column,
    onlyCounted: series.onlyCounted ?? false,
    divisor: Math.round(1 / (series.unit ?? 1)),
    end: Buffer.from(series.label === undefined ? '} ' : `,${series.label}} `),
  })),
}));

function header(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

export class Renderer {
  readonly #hostFamilies;
  /** By slot; one that is given to another pair has another label. */
  readonly #pairTexts: PairText[] = [];
  #lastSize = FIRST_SIZE;

  constructor(hostFamilies: readonly HostFamily[]) {
    this.#hostFamilies = hostFamilies.map((family) => ({
      header: Buffer.from(header(family.name, family.type, family.help)),
      samples: family.samples.map(({ suffix = '', labels, read }) => ({
        head: Buffer.from(`${family.name}${suffix}${labels === '' ? '' : `{${labels}}`} `),
        read,
      })),
    }));
  }

  /** `rest`: further text in the same format. Lets the event loop turn whenever a slice of time is used up. */
  async render(cut: Cut, rest: string): Promise<Buffer> {
    // A sixteenth more than last time: series are added, numbers grow, and the buffer need not.
    const out = new TextWriter(this.#lastSize + (this.#lastSize >> 4));
    this.#renderHost(out, cut);
    await this.#renderPairs(out, cut);
    out.text(rest);
    const buffer = out.finish();
    this.#lastSize = buffer.length;
    return buffer;
  }

  #renderHost(out: TextWriter, cut: Cut): void {
    for (const family of this.#hostFamilies) {
      out.bytes(family.header);
      for (const sample of family.samples) {
        out.line(sample.head, NOTHING, NOTHING, sample.read(cut));
      }
    }
  }

  async #renderPairs(out: TextWriter, cut: Cut): Promise<void> {
    const { slots, values, stride, columns } = cut.pairs;
    const slice = new Slice();
    const texts = await this.#textsOf(cut, slice);
    for (const { header: top, head, series } of pairFamilies) {
      out.bytes(top);
      for (let slot = 0; slot < slots; slot++) {
        if (slot % PAIRS_A_LOOK === 0 && slice.over()) await slice.next();
        const labels = texts[slot]!.bytes;
        for (const { column, onlyCounted, divisor, end } of series) {
          const value = values[slot * stride + columns[column]]!;
          if (onlyCounted && value === 0) continue;
          out.line(head, labels, end, divisor === 1 ? value : value / divisor);
        }
      }
    }
  }

  /** A copy: while this rendering lets the event loop turn, another may be given other pairs in the same slots. */
  async #textsOf(cut: Cut, slice: Slice): Promise<readonly PairText[]> {
    const texts: PairText[] = [];
    for (const [slot, label] of cut.pairs.labels.entries()) {
      if (slot % PAIRS_A_LOOK === 0 && slice.over()) await slice.next();
      texts.push(this.#textOf(slot, label));
    }
    return texts;
  }

  #textOf(slot: number, label: PairLabel): PairText {
    const known = this.#pairTexts[slot];
    if (known?.label === label) return known;
    const text = `${labelPair('comm', label.comm)},${labelPair('uid', label.uid)}`;
    return (this.#pairTexts[slot] = { label, bytes: Buffer.from(text) });
  }
}

/** The share of time that a rendering takes before the event loop turns. */
class Slice {
  #end = performance.now() + SLICE_MS;

  over(): boolean {
    return performance.now() > this.#end;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + SLICE_MS;
  }
}
