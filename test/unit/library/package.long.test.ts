// The package as npm packs it, unpacked where a user would have it: types and entries, judged by the tools that are there
// for it and by compilers. The addon is not in it here (npm packs that only with its scripts): what needs none works.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = process.cwd();
let user: string;
let tarball: string;

interface Run {
  readonly status: number | null;
  readonly output: string;
}

function run(command: string, ...args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: user, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);

beforeAll(() => {
  user = mkdtempSync(join(tmpdir(), 'package-'));
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', user];
  const packed = spawnSync('npm', pack, { cwd: ROOT, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stderr);
  tarball = join(user, readdirSync(user).find((name) => name.endsWith('.tgz')) ?? '');
  const modules = join(user, 'node_modules');
  mkdirSync(modules);
  const unpacked = run('tar', '-xzf', tarball);
  if (unpacked.status !== 0) throw new Error(unpacked.output);
  renameSync(join(user, 'package'), join(modules, 'procevents-exporter'));
  // What npm would install beside it.
  for (const name of ['node-gyp-build', '@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(user, 'package.json'), '{}');
});

afterAll(() => rmSync(user, { recursive: true, force: true }));

test('arethetypeswrong and publint find nothing', () => {
  const types = run(bin('attw'), tarball, '--no-color');
  expect(types).toMatchObject({ status: 0, output: expect.stringContaining('No problems found') });
  const lint = run(bin('publint'), tarball, '--strict');
  expect(lint).toMatchObject({ status: 0, output: expect.stringContaining('All good') });
});

const PROGRAM = `
  async function first(): Promise<number | undefined> {
    const connector = await ProcConnector.open({ filter: ['exit'], attribute: false });
    for await (const event of connector.events({ kinds: ['exit', 'lost'] })) {
      if (event.kind === 'lost') continue;
      const status: number | undefined = event.exitStatus;
      const time: bigint = event.timestampNs;
      void time;
      // @ts-expect-error -- an exit has no such field
      void event.childPid;
      return status;
    }
    return undefined;
  }
  for (const message of parseDatagram(new Uint8Array())) if (message.type === 'ack') void message.error;
  const size: number = SIZEOF_PROC_EVENT;
  const code: ErrorCode = 'PROCEVENTS_CLOSED';
  void size, void code, void first, void ExporterError;
`;
const IMPORTS = `
  import { ExporterError, ProcConnector, type ErrorCode } from 'procevents-exporter';
  import { parseDatagram, SIZEOF_PROC_EVENT } from 'procevents-exporter/parse';
`;

const KINDS = [
  ['mts', 'nodenext'],
  ['cts', 'nodenext'],
  ['mts', 'node16'],
  // Here a CommonJS file may not name an ES module's values.
  ['cts', 'node16'],
] as const;

describe.each(KINDS)('a strict TypeScript program, %s, module %s', (extension, module) => {
  test('compiles against the types that are packed', () => {
    writeFileSync(join(user, `program.${extension}`), `${IMPORTS}${PROGRAM}`);
    const flags = ['--noEmit', '--strict', '--pretty', 'false', '--skipLibCheck', 'false'];
    const modules = ['--module', module, '--target', 'es2023', '--types', 'node'];
    const exact = '--exactOptionalPropertyTypes';
    const compiled = run(bin('tsc'), ...flags, exact, ...modules, `program.${extension}`);
    expect(compiled).toEqual({ status: 0, output: '' });
  });
});

test.each(['index', 'parse'])('require has every type that import has: %s', (entry) => {
  const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
  const exported = [...text(`src/${entry}.ts`).matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
    ([, all, list = '']) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && (all !== undefined || name.startsWith('type ')))
        .map((name) => name.replace(/^type /, '')),
  );
  // A class is a type too.
  if (entry === 'index') exported.push('ExporterError', 'ProcConnector');
  const named = [...text(`cjs/${entry}.d.cts`).matchAll(/^  type (\w+)/gm)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(exported));
});

const USES: readonly (readonly [string, string, string])[] = [
  ['import', 'mjs', `import * as library from 'procevents-exporter';`],
  ['require', 'cjs', `const library = require('procevents-exporter');`],
];

describe.each(USES)('%s', (_, extension, load) => {
  test('takes the package, and only open() needs the addon', () => {
    writeFileSync(
      join(user, `load.${extension}`),
      `${load}
      library.ProcConnector.open().catch((error) => console.log(error.name, error.code, typeof error.remedy));`,
    );
    const loaded = run(process.execPath, `load.${extension}`);
    expect(loaded).toEqual({
      status: 0,
      output: 'ExporterError PROCEVENTS_ADDON_MISSING string\n',
    });
  });

  test('takes the parser without an addon', () => {
    writeFileSync(
      join(user, `parse.${extension}`),
      `${load.replace("-exporter'", "-exporter/parse'")}
      console.log(JSON.stringify([...library.parseDatagram(new Uint8Array(3))]), library.PROC_EVENT_EXIT);`,
    );
    const parsed = run(process.execPath, `parse.${extension}`);
    expect(parsed).toEqual({
      status: 0,
      output: '[{"type":"rejected","reason":"length"}] 2147483648\n',
    });
  });
});

test('where require() takes no ES modules, the error says what to do', () => {
  writeFileSync(
    join(user, 'old.cjs'),
    `try { require('procevents-exporter'); } catch ({ code, message }) { console.log(code, message); }`,
  );
  const old = run(process.execPath, '--no-experimental-require-module', 'old.cjs');
  expect(old.status).toBe(0);
  expect(old.output).toMatch(/^PROCEVENTS_REQUIRE .*Use await import\('procevents-exporter'\)/);
});
