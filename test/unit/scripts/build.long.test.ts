// The build's staleness, against a scratch package with the real scripts, compilers and packages.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = process.cwd();
let tree: string;

const addon = (answer: string): string => `#include <napi.h>
static Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("answer", Napi::Number::New(env, ${answer}));
  return exports;
}
NODE_API_MODULE(procevents, init)
`;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'build-'));
  const copied = ['scripts', 'binding.gyp', 'tsconfig.json', 'package.json', 'package-lock.json'];
  for (const name of copied) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  mkdirSync(join(tree, 'native'));
  mkdirSync(join(tree, 'src/page'), { recursive: true });
  for (const name of ['tsconfig.json', 'page.html', 'page.css', 'icon.svg']) {
    cpSync(join(ROOT, 'src/page', name), join(tree, 'src/page', name));
  }
  write('src/page/main.ts', 'export {};\n');
  write('native/binding.cc', addon('1'));
  write('src/main.ts', `console.log('one');\n`);
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

function write(file: string, text: string): void {
  writeFileSync(join(tree, file), text);
}

function node(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
}

const build = (): ReturnType<typeof node> => node('scripts/build.mjs');
const answer = (): string =>
  node('-p', `require('./build/Release/procevents.node').answer`).stdout.trim();
const output = (): string => node('dist/main.js').stdout.trim();

test('two first builds at once do the work once, and a third finds nothing to do', async () => {
  const builds = [0, 1].map(() => {
    const child = spawn(process.execPath, ['scripts/build.mjs'], { cwd: tree });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    return once(child, 'close').then(([code]) => ({ code: code as number, said }));
  });
  const ended = await Promise.all(builds);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(ended.filter(({ said }) => said.includes('building the native addon'))).toHaveLength(1);
  expect([answer(), output()]).toEqual(['1', 'one']);
  expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(
    readdirSync(tree).filter((name) => name.includes('lock.') || name.endsWith('-lock')),
  ).toEqual(['package-lock.json']);
});

test('an edited .cc file is used, although the old addon still loads', () => {
  write('native/binding.cc', addon('2'));
  expect(build().status).toBe(0);
  expect(answer()).toBe('2');
});

test('an edited .ts file is used, and a deleted one leaves nothing behind', () => {
  write('src/main.ts', `import { word } from './word.ts';\nconsole.log(word);\n`);
  write('src/word.ts', `export const word = 'two';\n`);
  expect(build().status).toBe(0);
  expect(output()).toBe('two');
  write('src/main.ts', `console.log('three');\n`);
  rmSync(join(tree, 'src/word.ts'));
  expect(build().status).toBe(0);
  expect(output()).toBe('three');
  expect(readdirSync(join(tree, 'dist')).filter((name) => name.startsWith('word'))).toEqual([]);
});

test('code that does not compile fails every time, not only the first', () => {
  write('native/binding.cc', addon('no_such_name'));
  for (const attempt of [1, 2]) {
    const { status, stderr } = build();
    expect({ attempt, status }).toEqual({ attempt, status: 1 });
    expect(stderr).toContain('no_such_name');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^procevents-exporter: building the native/,
    );
  }
  write('native/binding.cc', addon('3'));
  write('src/main.ts', `console.log(noSuchName);\n`);
  for (const attempt of [1, 2]) {
    const { status, stderr } = build();
    expect({ attempt, status }).toEqual({ attempt, status: 1 });
    expect(stderr).toContain('noSuchName');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^procevents-exporter: compiling TypeScript/,
    );
  }
  write('src/main.ts', `console.log('four');\n`);
  expect(build().status).toBe(0);
  expect([answer(), output()]).toEqual(['3', 'four']);
});

test('the lock of a build that was killed does not block the next one', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  write('.build-lock', `${dead} 1`);
  rmSync(join(tree, 'dist'), { recursive: true });
  expect(build().status).toBe(0);
  expect(existsSync(join(tree, 'dist/main.js'))).toBe(true);
  expect(existsSync(join(tree, '.build-lock'))).toBe(false);
});

test('a missing compiler is one line that says what to install', () => {
  rmSync(join(tree, 'build'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: tree,
    encoding: 'utf8',
    env: { PATH: '' },
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^procevents-exporter: .*g\+\+, make, python3.*apt install.*\n$/);
});
