// Tests: the text format 0.0.4 read as strictly as its documentation allows; anything else throws.

export interface ParsedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

export function parseExposition(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  const seen = new Set<string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('does not end with a line feed');
  let family: ParsedFamily | undefined;
  let help: [string, string] | undefined;
  for (const line of lines) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment?.[1] === 'HELP') {
      help = [comment[2]!, comment[3]!];
    } else if (comment !== null) {
      const [, , name = '', type = ''] = comment;
      if (help?.[0] !== name) throw new Error(`TYPE without HELP: ${line}`);
      if (families.has(name)) throw new Error(`twice: ${name}`);
      family = { name, help: help[1], type, samples: [] };
      families.set(name, family);
    } else {
      const sample = parseSample(line);
      const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!suffixes.some((suffix) => sample.name === `${family?.name}${suffix}`))
        throw new Error(`outside of its family: ${line}`);
      const key = JSON.stringify([sample.name, ...[...sample.labels].flat()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      family?.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const parts = /^([^{ ]+)(?:\{(.+)\})? (\S+)$/.exec(line);
  const [, name = '', labelText = '', value = ''] = parts ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`no sample: ${line}`);
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelText.length) {
    const label = LABEL.exec(labelText);
    if (label === null) throw new Error(`no label: ${line}`);
    const [, key = '', raw = ''] = label;
    if (labels.has(key)) throw new Error(`label twice: ${line}`);
    labels.set(
      key,
      raw.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
    );
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}
