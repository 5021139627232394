// docs/library.md against the code: members, options, kinds with their fields, and error codes.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_KINDS } from '../../../src/collector/record.ts';
import { CATALOGUE } from '../../../src/errors.ts';
import * as entry from '../../../src/index.ts';
import { ProcConnector, type ProcConnectorOptions } from '../../../src/index.ts';
import { parseDatagram, type ParsedMessage } from '../../../src/library/parse.ts';
import * as parser from '../../../src/parse.ts';
import { message } from '../library/datagrams.ts';

const text = readFileSync(new URL('../../../docs/library.md', import.meta.url), 'utf8');

/** The first cells of a table's rows that are code, without it. */
function rows(heading: string): string[][] {
  const table = text.slice(text.indexOf(heading)).split('\n\n', 1)[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

const code = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

test('every option is in its table', () => {
  const all: Required<ProcConnectorOptions> = {
    receiveBuffer: 0,
    ringSlots: 0,
    gather: 0,
    attribute: false,
    filter: [],
    fd: 0,
    procfs: '',
  };
  expect(rows('| option ').map(([name = '']) => code(name)[0])).toEqual(Object.keys(all));
});

test('every kind is in its table, with its own fields', () => {
  const shared = ['kind', 'cpu', 'seq', 'timestampNs', 'pid', 'tgid', 'isThread', 'uid'];
  const table = new Map(
    rows('| `kind` ').map(([kind = '', fields = '']) => [code(kind)[0], code(fields)]),
  );
  expect([...table.keys()]).toEqual([...EVENT_KINDS, 'unknown', 'lost']);
  for (const kind of EVENT_KINDS) {
    const [parsed] = parseDatagram(message({ kind })) as Iterable<
      ParsedMessage & { type: 'event' }
    >;
    const own = kind === 'comm' ? shared : [...shared, 'comm', 'commBytes'];
    const fields = Object.keys(parsed?.event ?? {}).filter((field) => !own.includes(field));
    expect(table.get(kind)).toEqual(expect.arrayContaining(fields));
  }
});

test('what is named as a member, a function or a constant is there', () => {
  const members = new Set([
    ...Object.getOwnPropertyNames(ProcConnector.prototype),
    'open',
    'fd',
    'receiveBuffer',
    'next',
  ]);
  const named = rows('| member ').flatMap(([member = '']) => code(member));
  const names = named.map((word) => /^(?:ProcConnector\.)?(\w+)/.exec(word)?.[1] ?? '');
  expect(names.filter((name) => name !== '' && name !== 'for' && !members.has(name))).toEqual([]);
  const ours = rows('| proc-connector 0.2.0').flatMap(([, cell = '']) => code(cell));
  const functions = ours.flatMap((word) => /^([a-z]\w+)\(/.exec(word)?.[1] ?? []);
  const known = new Set([...members, ...Object.keys(entry), ...Object.keys(parser)]);
  expect(functions.filter((name) => !known.has(name))).toEqual([]);
});

test('only error codes that there are', () => {
  const named = [...text.matchAll(/`(PROCEVENTS_[A-Z_]*[A-Z])`/g)].map(([, word = '']) => word);
  const known = new Set([...Object.keys(CATALOGUE), 'PROCEVENTS_REQUIRE']);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((word) => !known.has(word))).toEqual([]);
});
