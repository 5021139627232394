// The Helm chart, rendered. Input: values. Output: the objects, by file name; compiled when its source is newer.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from './programs.ts';

export const CHART = path.join(root, 'deploy/kubernetes/chart');
const SOURCE = path.join(root, 'test/programs/helm-template.go');
const BINARY = path.join(root, 'build/test-programs/helm-template');
/** Where Debian puts the source of Go packages. */
const GOPATH = '/usr/share/gocode';

export type Values = Readonly<Record<string, unknown>>;

export function defaultValues(): Values {
  return parse(readFileSync(path.join(CHART, 'values.yaml'), 'utf8')) as Values;
}

/** As Helm does it: what is given is laid over the defaults, objects key by key, all else as a whole. */
export function over(defaults: Values, given: Values): Values {
  const result: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    const under = defaults[key];
    result[key] = isObject(under) && isObject(value) ? over(under, value) : value;
  }
  return result;
}

/** Objects that render to nothing are left out. */
export function render(given: Values, release = 'procevents-exporter'): Record<string, unknown> {
  compile();
  const values = over(defaultValues(), given);
  const input = JSON.stringify({ chart: CHART, values, release, namespace: 'procevents-exporter' });
  const output = execFileSync(BINARY, { input, encoding: 'utf8' });
  const objects = Object.entries(JSON.parse(output) as Record<string, string>)
    .map(([file, text]) => [file, parse(text, { strict: true }) as unknown] as const)
    .filter(([, object]) => object !== null);
  return Object.fromEntries(objects);
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compile(): void {
  const built = statSync(BINARY, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > statSync(SOURCE).mtimeMs) return;
  const fresh = `${BINARY}.${process.pid}`;
  mkdirSync(path.dirname(BINARY), { recursive: true });
  const GOCACHE = path.join(root, 'build/go-cache');
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE, GOFLAGS: '' };
  execFileSync('go', ['build', '-o', fresh, SOURCE], { env, stdio: 'inherit' });
  renameSync(fresh, BINARY);
}
