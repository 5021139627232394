// A comm is any bytes that a program likes. The label says which, and nobody is fooled or broken.
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { counts, pairOf } from '../harness/pairs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const N = 2;

// Left what the kernel is given, right what stands between the label's quotes in the text format.
const NAMES: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['a newline', 'new\nline', String.raw`new\\x0aline`],
  ['a quote', 'quo"te', String.raw`quo\"te`],
  ['a backslash', 'back\\slash', String.raw`back\\x5cslash`],
  ['an escape that is none', String.raw`a\x0ab`, String.raw`a\\x5cx0ab`],
  ['our own unknown', '<unknown>', String.raw`\\x3cunknown>`],
  ['our own other', '<other>', String.raw`\\x3cother>`],
  ['a < elsewhere', 'a<b>', 'a<b>'],
  ['braces and commas', 'a="b",c{d}', String.raw`a=\"b\",c{d}`],
  ['spaces around', ' spaced ', ' spaced '],
  ['nothing at all', '', ''],
  ['controls', Uint8Array.of(1, 9, 13, 27, 127), String.raw`\\x01\\x09\\x0d\\x1b\\x7f`],
  ['letters of two bytes', 'naïve-é', 'naïve-é'],
  ['letters of three bytes', '日本語', '日本語'],
  ['a symbol of four bytes', 'boom💥', 'boom💥'],
  ['a combining mark', 'e\u0301', 'e\u0301'],
  ['a space that is not the space', 'a\u00a0b', String.raw`a\\xc2\\xa0b`],
  ['a zero-width space', 'a\u200bb', String.raw`a\\xe2\\x80\\x8bb`],
  ['a right-to-left override', 'a\u202eb', String.raw`a\\xe2\\x80\\xaeb`],
  ['a line separator', 'a\u2028b', String.raw`a\\xe2\\x80\\xa8b`],
  ['a letter cut at the end', 'fourteen-bytes語', String.raw`fourteen-bytes\\xe8`],
  ['a lone continuation', Uint8Array.of(0x61, 0x80, 0x62), String.raw`a\\x80b`],
  ['an overlong slash', Uint8Array.of(0xc0, 0xaf), String.raw`\\xc0\\xaf`],
  ['a surrogate', Uint8Array.of(0xed, 0xa0, 0x80), String.raw`\\xed\\xa0\\x80`],
  ['beyond Unicode', Uint8Array.of(0xf4, 0x90, 0x80, 0x80), String.raw`\\xf4\\x90\\x80\\x80`],
];

const PRINTABLE = /^[\x20-\x7e]$/;

function expectedByte(byte: number, first: boolean): string {
  const char = String.fromCharCode(byte);
  const kept = PRINTABLE.test(char) && char !== '\\' && !(first && char === '<');
  if (!kept) return `\\\\x${byte.toString(16).padStart(2, '0')}`;
  return char === '"' ? String.raw`\"` : char;
}

// Fifteen bytes in a row, so that no two are a letter in UTF-8: rising bytes never are.
const CHUNKS = Array.from({ length: 17 }, (_, i) =>
  Array.from({ length: 15 }, (__, j) => 1 + 15 * i + j),
);

describeWith(['events', 'promtool'], 'a hostile comm', () => {
  const stage = useStage();
  const scraped: Record<'text', string> = { text: '' };

  beforeAll(async () => {
    for (const [, name] of NAMES) await stage.perform('rename', { count: N, name });
    for (const bytes of CHUNKS)
      await stage.perform('rename', { count: N, name: Uint8Array.from(bytes) });
    scraped.text = await stage.daemon.scrapeText();
  });

  function lineOf(label: string): string | undefined {
    const start = `procevents_exits_total{comm="${label}",uid="0"} `;
    return scraped.text.split('\n').find((line) => line.startsWith(start));
  }

  test.for(NAMES)('%s', ([, , label]) => {
    expect(lineOf(label)).toBe(`procevents_exits_total{comm="${label}",uid="0"} ${2 * N}`);
  });

  test.for(CHUNKS)('the bytes from %d on', (bytes) => {
    const label = bytes.map((byte, i) => expectedByte(byte, i === 0)).join('');
    expect(lineOf(label)).toBe(`procevents_exits_total{comm="${label}",uid="0"} ${2 * N}`);
  });

  test('a process called <unknown> is not counted as unknown', async () => {
    const { before, scrape } = await stage.perform('rename', { count: N, name: '<unknown>' });
    const forged = String.raw`\x3cunknown>`;
    expect(pairOf(before, forged, 0)).toEqual(counts({ forks: N, exits: 2 * N }));
    expect(pairOf(scrape, forged, 0)).toEqual(counts({ forks: 2 * N, exits: 4 * N }));
  });

  test('promtool accepts it all and has nothing to say of our families', () => {
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: scraped.text,
      encoding: 'utf8',
    });
    const said = `${stdout}${stderr}`.split('\n');
    expect(said.filter((line) => /procevents_|error/i.test(line))).toEqual([]);
  });

  testTotals(stage);
});
