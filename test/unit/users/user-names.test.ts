// Names of users, from real files that change.
import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UserNames } from '../../../src/users/user-names.ts';

function file(text?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'procevents-passwd-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'passwd');
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

const ROOT = 'root:x:0:0:root:/root:/bin/sh\n';

test('are those of the uids that are asked for, the first line of a uid counting', () => {
  const users = new UserNames(file(`${ROOT}toor:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/false\n`));
  expect(users.of([33, 0, 7])).toEqual([
    { uid: 33, user: 'www' },
    { uid: 0, user: 'root' },
  ]);
});

test('pass over lines that are no users', () => {
  const lines = [
    '',
    '# comment',
    '+::::::',
    ':x:1:1',
    'a:x:-1:1',
    'b:x:4294967295:1',
    'c:x:1e3:1',
    'd',
    'tab\there:x:5:5',
    `${'n'.repeat(257)}:x:6:6`,
    'é "\\:x:7:7',
  ];
  const users = new UserNames(file(lines.join('\n')));
  expect(users.of([0, 1, 5, 6, 7, 1000, 4294967295])).toEqual([{ uid: 7, user: 'é "\\' }]);
});

test('follow the file when it is replaced, comes late or goes', () => {
  const path = file();
  const users = new UserNames(path);
  expect(users.of([0])).toEqual([]);
  writeFileSync(path, ROOT);
  expect(users.of([0])).toEqual([{ uid: 0, user: 'root' }]);
  writeFileSync(`${path}.new`, 'boss:x:0:0::/:/bin/sh\n');
  renameSync(`${path}.new`, path);
  expect(users.of([0])).toEqual([{ uid: 0, user: 'boss' }]);
  rmSync(path);
  expect(users.of([0])).toEqual([]);
});

test('are none without a file, and none of a directory', () => {
  expect(new UserNames(undefined).of([0])).toEqual([]);
  expect(new UserNames(tmpdir()).of([0])).toEqual([]);
});

test('are none where the file cannot even be looked at, and no scrape fails for it', () => {
  const path = file();
  symlinkSync(path, path);
  expect(() => statSync(path, { throwIfNoEntry: false })).toThrow('ELOOP');
  expect(new UserNames(path).of([0])).toEqual([]);
});
