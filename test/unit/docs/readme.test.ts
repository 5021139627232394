// The documents against the code: a table that tells of metrics or flags which are not so misleads whoever reads it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FLAGS, fallbackText } from '../../../src/config/flags.ts';
import { CATALOGUE } from '../../../src/errors.ts';
import { HOST_FAMILIES, buildInfoFamily } from '../../../src/exposition/host-families.ts';
import { PAIR_FAMILIES } from '../../../src/exposition/pair-families.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  'docs/library.md',
];

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The cells of each row that begins with code that starts with `prefix`; without Markdown's own characters. */
function rows(prefix: string): readonly (readonly string[])[] {
  return read('README.md')
    .split('\n')
    .filter((line) => line.startsWith(`| \`${prefix}`))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll(/[`\\]/g, '')));
}

/** `a="1",b="2"` as [['a', '1'], ['b', '2']]. */
function labelsOf(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
}

interface Described {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly (readonly [string, string])[];
}

const PAIR_LABELS = [
  ['comm', ''],
  ['uid', ''],
] as const;
const build = { version: '', revision: '', nodeversion: '', arch: '' };
const families: readonly Described[] = [
  ...PAIR_FAMILIES.map(({ name, series }) => ({
    name,
    type: 'counter',
    labels: [...PAIR_LABELS, ...series.flatMap(({ label = '' }) => labelsOf(label))],
  })),
  ...[...HOST_FAMILIES, buildInfoFamily(build)].map(({ name, type, samples, rowLabels = [] }) => ({
    name,
    type,
    labels: [
      ...samples.flatMap(({ labels }) => labelsOf(labels)),
      ...rowLabels.map((label) => [label, ''] as const),
    ],
  })),
];

describe('the README', () => {
  it('lists each metric there is, with its type and its labels, and no other', () => {
    const listed = rows('procevents_').map((cells) => cells.slice(0, 3));
    const real = families.map(({ name, type, labels }) => {
      const names = new Set(labels.map(([label]) => label));
      return [name, type, [...names].join(', ')];
    });
    expect(listed).toEqual(real);
  });

  it('names every value that a fixed label can have', () => {
    const meanings = new Map(rows('procevents_').map(([name, , , meaning]) => [name, meaning]));
    const missing = families.flatMap(({ name, labels }) =>
      labels
        .filter(([label]) => label !== 'le')
        .filter(([, value]) => !new RegExp(`\\b${value}\\b`).test(meanings.get(name) ?? '')),
    );
    expect(missing).toEqual([]);
  });

  it('lists each flag there is, as --help tells it', () => {
    const real = Object.values(FLAGS).map((flag) => [
      `--${flag.name}`,
      fallbackText(flag),
      flag.help,
    ]);
    expect(rows('--')).toEqual(real);
  });

  it('shows only series of metrics there are', () => {
    const shown = read('README.md').matchAll(/^(procevents_\w+)(?:\{| \d)/gm);
    const names = [...shown].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(9);
    const real = new Set(families.map(({ name }) => name));
    expect(names.filter((name) => name === undefined || !real.has(name))).toEqual([]);
  });

  it('names only error codes that the exporter can give', () => {
    const named = [...read('README.md').matchAll(/\bPROCEVENTS_[A-Z_]+\b/g)].map(([code]) => code);
    const flags = Object.values(FLAGS).map(({ name }) =>
      name.toUpperCase().replaceAll(/[.-]/g, '_'),
    );
    const known = new Set([
      ...Object.keys(CATALOGUE),
      ...flags.map((flag) => `PROCEVENTS_${flag}`),
    ]);
    expect(named.filter((code) => !known.has(code) && code !== 'PROCEVENTS_')).toEqual([]);
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  it('links only to files that are there', () => {
    const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.startsWith('https://'));
    expect(targets.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual(
      [],
    );
  });

  it('names only npm scripts and bench programs that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    const benches = [...text.matchAll(/node (bench\/[\w-]+\.mjs)/g)].map(([, file = '']) => file);
    expect(benches.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
