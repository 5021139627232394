// Exposition: a cut in, all our families in one of the two formats out. The host's are one string; the pairs' lines are
// many, and are put together from bytes.
import type { ColumnName } from '../aggregator/columns.ts';
import type { Cut } from './cut.ts';
import { END, headText, numberText, stemOf, type Format } from './format.ts';
import { leadingText, type HostFamily } from './host-family.ts';
import { PAIR_FAMILIES, type PairFamily } from './pair-families.ts';
import { PairLabels } from './pair-labels.ts';
import { Slice } from './slice.ts';
import { TextWriter, pieces, type Pieces } from './text-writer.ts';

const FIRST_SIZE = 64 * 1024;
/** How many pairs of one family between two looks at the clock: tens of microseconds, cold hundreds. */
const PAIRS_A_LOOK = 64;
const MILLISECONDS = 1000;

/** The texts around the labels of a family's pairs, by index: the name and {, the same for _created, then each series' end. */
const NAME = 0;
const CREATED = 1;
const FIRST_END = 2;

interface SeriesLine {
  readonly column: ColumnName;
  readonly onlyCounted: boolean;
  readonly scale: number;
}

interface PairLines {
  readonly head: string;
  readonly texts: Pieces;
  readonly series: readonly SeriesLine[];
}

interface HostLines {
  readonly head: string;
  readonly lines: readonly {
    /** To the value. */
    readonly start: string;
    readonly read: (cut: Cut) => number;
    /** To the value of a _created line that follows; empty: none. */
    readonly created: string;
  }[];
  readonly rows: HostFamily['rows'];
  readonly name: string;
}

interface Plan {
  readonly host: readonly HostLines[];
  readonly pairs: readonly PairLines[];
  /** Whether pairs have _created lines. */
  readonly created: boolean;
  lastSize: number;
}

export class Renderer {
  readonly #plans: Readonly<Record<Format, Plan>>;
  readonly #labels = new PairLabels();

  /** `created`: with _created lines in OpenMetrics. */
  constructor(o: { families: readonly HostFamily[]; created: boolean }) {
    const plan = (format: Format): Plan => {
      const created = o.created && format === 'openmetrics';
      return {
        host: o.families.map((family) => hostLines(family, format, created)),
        pairs: PAIR_FAMILIES.map((family) => pairLines(family, format)),
        created,
        lastSize: FIRST_SIZE,
      };
    };
    this.#plans = { text: plan('text'), openmetrics: plan('openmetrics') };
  }

  /**
   * `rest`: further families in the same format. Lets the event loop turn whenever a slice of time is used up; several
   * renderings may be under way.
   */
  async render(cut: Cut, format: Format, rest: string): Promise<Buffer> {
    const plan = this.#plans[format];
    // A sixteenth more than last time: series are added, numbers grow, and the buffer need not.
    const out = new TextWriter(plan.lastSize + (plan.lastSize >> 4));
    out.text(hostText(plan.host, cut));
    await this.#renderPairs(out, plan, cut);
    out.text(rest + END[format]);
    const buffer = out.finish();
    plan.lastSize = buffer.length;
    return buffer;
  }

  async #renderPairs(out: TextWriter, plan: Plan, cut: Cut): Promise<void> {
    const slice = new Slice();
    const { slots, labels } = cut.pairs;
    const texts = await this.#labels.of(labels, slice);
    for (const lines of plan.pairs) {
      out.text(lines.head);
      for (let slot = 0; slot < slots; slot += PAIRS_A_LOOK) {
        if (slice.over()) await slice.next();
        const end = Math.min(slot + PAIRS_A_LOOK, slots);
        renderSlots(out, { lines, texts, cut, created: plan.created, slot, end });
      }
    }
  }
}

interface Part {
  readonly lines: PairLines;
  readonly texts: Pieces;
  readonly cut: Cut;
  readonly created: boolean;
  readonly slot: number;
  readonly end: number;
}

function renderSlots(out: TextWriter, { lines, texts: labels, cut, created, ...part }: Part): void {
  const { values, stride, columns, created: births } = cut.pairs;
  const { texts, series } = lines;
  const around = texts.ends.at(-1)!;
  const places = series.map(({ column }) => columns[column]);
  for (let slot = part.slot; slot < part.end; slot++) {
    const row = slot * stride;
    const longest = around + labels.ends[slot]! - (labels.ends[slot - 1] ?? 0);
    for (let i = 0; i < series.length; i++) {
      const { onlyCounted, scale } = series[i]!;
      const value = values[row + places[i]!]!;
      if (onlyCounted && value === 0) continue;
      out.reserve(longest);
      out.piece(texts, NAME);
      out.piece(labels, slot);
      out.piece(texts, FIRST_END + i);
      out.value(value, scale);
      if (!created) continue;
      out.reserve(longest);
      out.piece(texts, CREATED);
      out.piece(labels, slot);
      out.piece(texts, FIRST_END + i);
      out.value(Math.round(births[slot]! * MILLISECONDS), MILLISECONDS);
    }
  }
}

function pairLines(family: PairFamily, format: Format): PairLines {
  const ends = family.series.map(({ label }) => (label === undefined ? '} ' : `,${label}} `));
  return {
    head: headText({ ...family, type: 'counter' }, format),
    texts: pieces([`${family.name}{`, `${stemOf(family.name)}_created{`, ...ends]),
    series: family.series.map(({ column, onlyCounted = false, scale = 1 }) => ({
      column,
      onlyCounted,
      scale,
    })),
  };
}

function hostLines(family: HostFamily, format: Format, created: boolean): HostLines {
  const { name, type, samples, rows } = family;
  const stem = `${stemOf(name)}_created`;
  return {
    name,
    head: headText(family, format),
    rows,
    lines: samples.map(({ suffix = '', labels, openMetricsLabels = labels, read }) => {
      const written = format === 'openmetrics' ? openMetricsLabels : labels;
      const born = created && !family.sinceBoot && (type === 'counter' || suffix === '_count');
      return {
        start: leadingText(name + suffix, written),
        read,
        created: born ? leadingText(stem, labels) : '',
      };
    }),
  };
}

function hostText(families: readonly HostLines[], cut: Cut): string {
  const startTime = numberText(cut.startTime);
  let text = '';
  for (const { head, lines, rows, name } of families) {
    text += head;
    for (const { start, read, created } of lines) {
      text += `${start}${numberText(read(cut))}\n`;
      if (created !== '') text += `${created}${startTime}\n`;
    }
    for (const labels of rows?.(cut) ?? []) text += `${leadingText(name, labels)}1\n`;
  }
  return text;
}
