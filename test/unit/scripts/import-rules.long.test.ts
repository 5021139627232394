// The lint rule of who may import whom, against scratch trees. Input: .oxlintrc.json. A rule that does not bite is none.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = process.cwd();
let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'import-rules-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, file), join(tree, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

interface Report {
  diagnostics: { code: string; filename: string }[];
}

/** The rules that each of the files breaks; all are looked at in one run. */
function findings(files: Record<string, string>): Record<string, string[]> {
  rmSync(join(tree, 'src'), { recursive: true, force: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  const run = spawnSync(oxlint, ['--format=json', 'src'], { cwd: tree, encoding: 'utf8' });
  const report = JSON.parse(run.stdout) as Report;
  const found: Record<string, string[]> = {};
  for (const file of Object.keys(files)) found[file] = [];
  for (const { code, filename } of report.diagnostics) found[filename]?.push(code);
  return found;
}

const RESTRICTED = ['eslint(no-restricted-imports)'];
const FOLDERS = [
  'daemon',
  'doctor',
  'watch',
  'library',
  'http',
  'web-config',
  'exposition',
  'aggregator',
  'attribution',
  'collector',
  'users',
  'config',
] as const;
/** `folder/*` is all of that folder. */
const DOWNSTREAM: Record<string, { values: string[]; types: string[] }> = {
  daemon: {
    values: FOLDERS.filter((f) => !['daemon', 'doctor', 'watch', 'library'].includes(f)).map(
      (f) => `${f}/*`,
    ),
    types: [],
  },
  doctor: { values: ['attribution/procfs', 'collector/*', 'config/*'], types: [] },
  watch: {
    values: [
      'library/*',
      'aggregator/comm-text',
      'attribution/procfs',
      'collector/source',
      'users/*',
      'config/*',
    ],
    types: [],
  },
  library: {
    values: ['aggregator/comm-text', 'attribution/*', 'collector/*', 'config/nearest'],
    types: [],
  },
  http: { values: [], types: ['exposition/*', 'web-config/*'] },
  'web-config': { values: ['config/nearest'], types: [] },
  exposition: { values: ['attribution/identity'], types: ['aggregator/*'] },
  aggregator: { values: ['attribution/identity'], types: ['attribution/*'] },
  attribution: { values: ['collector/record'], types: [] },
  users: { values: ['collector/native', 'collector/source'], types: ['attribution/procfs'] },
  collector: { values: [], types: [] },
  config: { values: [], types: [] },
};
const TARGETS = [
  'main',
  ...FOLDERS.map((f) => `${f}/x`),
  'aggregator/comm-text',
  'attribution/identity',
  'attribution/procfs',
  'collector/native',
  'collector/record',
  'collector/source',
  'config/nearest',
];

test('a folder imports what is downstream of it, and nothing else', () => {
  const files: Record<string, string> = {};
  const expected: Record<string, string[]> = {};
  const add = (file: string, text: string, allowed: boolean): void => {
    files[file] = text;
    expected[file] = allowed ? [] : RESTRICTED;
  };
  for (const from of FOLDERS) {
    const { values, types } = DOWNSTREAM[from] ?? { values: [], types: [] };
    for (const to of TARGETS) {
      if (to.startsWith(`${from}/`)) continue;
      const name = `src/${from}/${to.replace('/', '-')}`;
      const within = (list: string[]): boolean =>
        list.includes(to) || list.includes(`${dirname(to)}/*`);
      const valueAllowed = within(values);
      const typeAllowed = valueAllowed || within(types);
      add(`${name}-value.ts`, `export { A } from '../${to}.ts';\n`, valueAllowed);
      add(`${name}-type.ts`, `export type { A } from '../${to}.ts';\n`, typeAllowed);
      add(`${name}-dotted.ts`, `export { A } from './../${to}.ts';\n`, false);
    }
    add(`src/${from}/errors-value.ts`, `export { A } from '../errors.ts';\n`, true);
    add(`src/${from}/unknown.ts`, `export { A } from '../brand-new/x.ts';\n`, false);
    const prom = `export { Registry } from 'prom-client';\n`;
    add(`src/${from}/prom.ts`, prom, from === 'exposition');
  }
  expect(findings(files)).toEqual(expected);
});

test('main imports only the commands, the configuration and the errors', () => {
  const main = (to: string): string[] | undefined =>
    findings({ 'src/main.ts': `export { A } from '${to}';\n` })['src/main.ts'];
  expect(main('./daemon/x.ts')).toEqual([]);
  expect(main('./doctor/x.ts')).toEqual([]);
  expect(main('./watch/x.ts')).toEqual([]);
  expect(main('./config/x.ts')).toEqual([]);
  expect(main('./web-config/x.ts')).toEqual([]);
  expect(main('./errors.ts')).toEqual([]);
  expect(main('./http/x.ts')).toEqual(RESTRICTED);
  expect(main('./collector/x.ts')).toEqual(RESTRICTED);
});

test('the public entry imports only the library and the errors', () => {
  const index = (to: string): string[] | undefined =>
    findings({ 'src/index.ts': `export { A } from '${to}';\n` })['src/index.ts'];
  expect(index('./library/x.ts')).toEqual([]);
  expect(index('./errors.ts')).toEqual([]);
  expect(index('./collector/x.ts')).toEqual(RESTRICTED);
  expect(index('./daemon/x.ts')).toEqual(RESTRICTED);
});

test('the page imports the types of its data, and nothing else that runs in Node', () => {
  const page = (text: string): string[] | undefined =>
    findings({ 'src/page/x.ts': text })['src/page/x.ts'];
  expect(page(`export type { A } from '../http/summary-report.ts';\n`)).toEqual([]);
  expect(page(`export { A } from '../http/summary-report.ts';\n`)).toEqual(RESTRICTED);
  for (const to of ['http/x', 'http/page-assets', 'daemon/x', 'errors']) {
    expect(page(`export type { A } from '../${to}.ts';\n`)).toEqual(RESTRICTED);
    expect(page(`export type { A } from './../${to}.ts';\n`)).toEqual(RESTRICTED);
  }
  const daemon = `export type { A } from '../page/x.ts';\n`;
  expect(findings({ 'src/daemon/x.ts': daemon })['src/daemon/x.ts']).toEqual(RESTRICTED);
});

test('errors.ts imports nothing of ours', () => {
  const text = `export { A } from './config/x.ts';\n`;
  expect(findings({ 'src/errors.ts': text })).toEqual({ 'src/errors.ts': RESTRICTED });
});

test('a cycle of imports and an any are found', () => {
  const found = findings({
    'src/http/one.ts': `import { two } from './two.ts';\nexport const one = (): number => two();\n`,
    'src/http/two.ts': `import { one } from './one.ts';\nexport const two = (): number => one();\n`,
    'src/http/any.ts': `export const a = (b: any): void => void b;\n`,
  });
  expect(found['src/http/one.ts']).toContain('import(no-cycle)');
  expect(found['src/http/two.ts']).toContain('import(no-cycle)');
  expect(found['src/http/any.ts']).toContain('typescript(no-explicit-any)');
});
