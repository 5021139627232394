// Names of users on a terminal and on the command line, from a passwd file that may say anything.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ExporterError } from '../../../src/errors.ts';
import { Names, uidsOf } from '../../../src/watch/names.ts';

const folder = mkdtempSync(join(tmpdir(), 'watch-names-'));
const passwd = join(folder, 'passwd');
afterAll(() => rmSync(folder, { recursive: true }));

const ENTRIES = [
  'root:x:0:0::/root:/bin/sh',
  'ann:x:1000:1000::/:/bin/sh',
  'b\u202eob:x:1001:1001::/:/bin/sh',
];
writeFileSync(passwd, ENTRIES.join('\n'));

test('a user without a name is a number, and an unknown one says so', () => {
  const names = new Names(passwd);
  expect([names.text(0), names.text(1000), names.text(7), names.text(undefined)]).toEqual([
    'root',
    'ann',
    '7',
    '<unknown>',
  ]);
  expect([names.name(1000), names.name(7)]).toEqual(['ann', undefined]);
  expect(new Names(undefined).text(0)).toBe('0');
});

test('a name that would turn the line around is escaped', () => {
  expect(new Names(passwd).text(1001)).toBe(String.raw`b\xe2\x80\xaeob`);
});

test('a user that is made meanwhile has a name after the next look', () => {
  const names = new Names(passwd);
  expect(names.text(1002)).toBe('1002');
  writeFileSync(passwd, [...ENTRIES, 'cleo:x:1002:1002::/:/bin/sh'].join('\n'));
  names.refresh();
  expect(names.text(1002)).toBe('cleo');
});

test('--uid takes names and numbers, also those of nobody', () => {
  expect(uidsOf(['ann', '0', '4711'], passwd)).toEqual([1000, 0, 4711]);
  expect(uidsOf(['4711'], undefined)).toEqual([4711]);
});

test('--uid refuses a name that nobody has, and says what to do', () => {
  for (const file of [passwd, undefined, join(folder, 'nowhere')]) {
    expect(() => uidsOf(['dora'], file)).toThrow(ExporterError);
    expect(() => uidsOf(['dora'], file)).toThrow('--uid: there is no user "dora"');
  }
});
