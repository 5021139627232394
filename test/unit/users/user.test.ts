// Which user a start ends as: never root unasked, never another one than asked for.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { userToBecome } from '../../../src/users/user.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'procevents-user-'));
afterAll(() => rmSync(directory, { recursive: true }));

const ROOT = [0, 0, 0, 0];
const USER = [1000, 1000, 1000, 1000];

let files = 0;
function passwd(...lines: readonly string[]): string {
  files += 1;
  const file = path.join(directory, String(files));
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

const usual = passwd(
  'root:x:0:0:root:/root:/bin/sh',
  'toor:x:0:0::/root:/bin/sh',
  '# a comment',
  '',
  'short:x:1',
  'broken:x:abc:1::/:',
  'huge:x:4294967295:1::/:',
  'web:x:33:34:www:/var/www:/usr/sbin/nologin',
);
const ours = passwd('procevents:x:901:902::/:/bin/false');

const become = (wanted: string | undefined, file: string | undefined, uids = ROOT) =>
  userToBecome({ wanted, passwd: file, uids });

describe('started as root', () => {
  test('without --user, procevents where there is one, else nobody', () => {
    expect(become(undefined, ours)).toEqual({ uid: 901, gid: 902 });
    expect(become(undefined, usual)).toEqual({ uid: 65_534, gid: 65_534 });
    expect(become(undefined, undefined)).toEqual({ uid: 65_534, gid: 65_534 });
    expect(become(undefined, `${directory}/nothing`)).toEqual({ uid: 65_534, gid: 65_534 });
    expect(become(undefined, directory)).toEqual({ uid: 65_534, gid: 65_534 });
  });

  test('a user procevents that is root is not taken', () => {
    const file = passwd('procevents:x:0:0::/:/bin/sh');
    expect(become(undefined, file)).toEqual({ uid: 65_534, gid: 65_534 });
  });

  test('by name, by uid, and by a uid that has no entry', () => {
    expect(become('web', usual)).toEqual({ uid: 33, gid: 34 });
    expect(become('33', usual)).toEqual({ uid: 33, gid: 34 });
    expect(become('77', usual)).toEqual({ uid: 77, gid: 77 });
    expect(become('77', undefined)).toEqual({ uid: 77, gid: 77 });
  });

  test('one uid of 0 is enough to be root', () => {
    expect(become(undefined, usual, [1000, 1000, 0, 1000])).toEqual({ uid: 65_534, gid: 65_534 });
  });

  test('stays root only when it is asked for by that word', () => {
    expect(become('root', usual)).toBeUndefined();
    for (const wanted of ['0', 'toor', '00']) {
      expect(() => become(wanted, usual)).toThrow(/root by another name/);
    }
  });

  test.for(['nosuch', 'short', 'broken', 'huge', 'we', 'x'])('%s is not known', (wanted) => {
    expect(() => become(wanted, usual)).toThrow(
      `--user: unknown user "${wanted}": not in ${usual}`,
    );
  });

  test('a passwd file that cannot be read says so, and a pipe holds nothing up', () => {
    expect(() => become('web', '/nowhere')).toThrow('/nowhere cannot be read (ENOENT)');
    const pipe = path.join(directory, 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(() => become('web', pipe)).toThrow(`${pipe} is not a file`);
    expect(become('33', pipe)).toEqual({ uid: 33, gid: 33 });
  });

  test('without a passwd file names are not known, and the message says why', () => {
    expect(() => become('web', undefined)).toThrow(/without --path.passwd no name is known/);
  });
});

describe('not started as root', () => {
  test('stays who it is', () => {
    expect(become(undefined, ours, USER)).toBeUndefined();
    expect(become('1000', usual, USER)).toBeUndefined();
  });

  test('cannot become another, root included', () => {
    for (const wanted of ['33', 'web', 'root', '0']) {
      expect(() => become(wanted, usual, USER)).toThrow(/not started as root, but with uid 1000/);
    }
  });
});
