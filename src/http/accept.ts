// HTTP: what a scraper accepts (Accept, Accept-Encoding) to what it gets: a format, compressed or not.
import type { Format } from '../exposition/format.ts';

/** The request's headers that decide over the answer's. */
export const VARY = 'Accept, Accept-Encoding';

interface MediaType {
  readonly type: string;
  readonly version: string;
}

/** The first is for whoever does not care, or says nothing that we speak. */
const SPOKEN: Readonly<Record<Format, MediaType>> = {
  text: { type: 'text/plain', version: '0.0.4' },
  openmetrics: { type: 'application/openmetrics-text', version: '1.0.0' },
};

/** One element of a header's list: what is named, its parameters, its weight. */
interface Range {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** How well a format is wanted: the weight, then how exactly it is named. */
interface Wanted {
  readonly quality: number;
  readonly exactness: number;
  /** In the header. */
  readonly position: number;
}

const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

export interface Accepted {
  readonly format: Format;
  readonly gzip: boolean;
}

export function accepted(headers: {
  readonly accept?: string | undefined;
  readonly 'accept-encoding'?: string | string[] | undefined;
}): Accepted {
  return {
    format: formatFor(headers.accept),
    gzip: takesGzip(String(headers['accept-encoding'] ?? '')),
  };
}

/** A missing header, or one that names nothing that we speak: text. */
function formatFor(accept = ''): Format {
  const ranges = rangesOf(accept);
  const text = wanted(ranges, SPOKEN.text);
  const openmetrics = wanted(ranges, SPOKEN.openmetrics);
  if (openmetrics === undefined || openmetrics.quality === 0) return 'text';
  if (text === undefined || text.quality === 0) return 'openmetrics';
  const order =
    openmetrics.quality - text.quality ||
    openmetrics.exactness - text.exactness ||
    text.position - openmetrics.position;
  return order > 0 ? 'openmetrics' : 'text';
}

/** Of several ranges that fit, the most exact one tells the weight. */
function wanted(ranges: readonly Range[], spoken: MediaType): Wanted | undefined {
  let best: Wanted | undefined;
  for (const [position, range] of ranges.entries()) {
    const exactness = exactnessOf(range, spoken);
    if (exactness > (best?.exactness ?? 0)) best = { quality: range.quality, exactness, position };
  }
  return best;
}

/** 0: does not fit. Parameters other than the version (charset, escaping) ask for nothing that we would do otherwise. */
function exactnessOf({ value, parameters }: Range, { type, version }: MediaType): number {
  if (value === '*/*') return 1;
  if (value === `${type.split('/', 1)[0]}/*`) return 2;
  if (value !== type) return 0;
  const asked = parameters.get('version');
  if (asked === undefined) return 3;
  return asked === version ? 4 : 0;
}

/** Only who names it, or everything, and does not like it less than the plain text. */
function takesGzip(acceptEncoding: string): boolean {
  const ranges = rangesOf(acceptEncoding);
  const qualityOf = (...names: readonly string[]): number | undefined =>
    ranges.find(({ value }) => names.includes(value))?.quality;
  const gzip = qualityOf('gzip', 'x-gzip') ?? qualityOf('*') ?? 0;
  return gzip > 0 && gzip >= (qualityOf('identity') ?? 0);
}

/** An element whose weight is no weight counts as not there. Node bounds the length of a header. */
function rangesOf(header: string): readonly Range[] {
  return header.split(',').flatMap((element) => {
    const [value = '', ...rest] = element.split(';').map((part) => part.trim().toLowerCase());
    const parameters = new Map(rest.map(parameter));
    const quality = parameters.get('q') ?? '1';
    return QUALITY.test(quality) ? [{ value, parameters, quality: Number(quality) }] : [];
  });
}

function parameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [text, ''];
  return [
    text.slice(0, equals).trim(),
    text
      .slice(equals + 1)
      .trim()
      .replaceAll(/^"|"$/g, ''),
  ];
}
