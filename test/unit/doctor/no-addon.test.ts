// An installation without its addon: the doctor says so and goes on with what it can tell, and nothing ends in a stack.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../harness/programs.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'no-addon-'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...argv: readonly string[]) {
  return spawnSync(process.execPath, [join(folder, 'dist', 'main.js'), ...argv], {
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
}

test('the doctor names it, says what to do, and ends with 1', () => {
  const { status, stdout, stderr } = run('doctor');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toMatch(/^✗ addon +the native addon is not built\n +→ Run npm start/m);
  expect(stdout).toMatch(/^✓ kernel /m);
});

test('the daemon says it in one line', () => {
  const { status, stdout, stderr } = run();
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]*\[PROCEVENTS_ADDON_MISSING\][^\n]*\n$/);
});

test('the configuration can be checked without it', () => {
  expect(run('--config.check')).toMatchObject({ status: 0, stderr: '' });
});
