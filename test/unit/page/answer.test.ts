// Whether an answer is a summary: what the page would fail at is told before it is drawn, whatever is missing or of another kind.
import { expect, test } from 'vitest';
import type { SummaryReport } from '../../../src/http/summary-report.ts';
import { reportIn } from '../../../src/page/answer.ts';

const SECONDS = [1, 2, 3];
const PERSON = { pid: 7, comm: 'sh', uid: 0, user: null };
const STORM = {
  start: '2026-11-01T10:00:00.000Z',
  end: '2026-11-01T10:00:04.000Z',
  seconds: 4,
  peakPerSecond: 3000,
  created: 9000,
  creators: [{ ...PERSON, created: 9000 }],
};
const ROW = { comm: 'sh', uid: '0', user: 'root', count: 5 };
const REPORT: SummaryReport = {
  version: '1',
  host: 'node17',
  startTime: 1_700_000_000,
  time: 1_700_000_100,
  health: { status: 'ok', checks: { loss: { status: 'ok', detail: 'none' } } },
  processes: 90,
  tasks: 200,
  pidsLimit: 32_768,
  pairs: 12,
  pairsLimit: 1000,
  totals: {
    forks: 1,
    execs: 2,
    exits: 3,
    failures: 4,
    coredumps: 5,
    storms: 6,
    stormSeconds: 7,
  },
  lost: { kernel: 0, socket: 0, shed: 0 },
  overruns: 0,
  lag: { events: 9, half: 0.001, p99: null, all: null },
  stormThreshold: 2000,
  lastForkStorm: 0,
  lastCoredump: 0,
  ratesEnd: 1_700_000_099.5,
  rates: {
    forks: SECONDS,
    execs: SECONDS,
    exits: SECONDS,
    failures: SECONDS,
    coredumps: SECONDS,
    storms: SECONDS,
  },
  top: { forks: [ROW], execs: [ROW], failures: [ROW] },
  storm: STORM,
  recent: {
    'fork storm': [{ ...STORM, creators: [{ ...PERSON, uid: '<unknown>', created: 1 }] }],
    'core dump': [{ ...PERSON, time: 1_700_000_050, signal: 'SIGSEGV', coreWritten: null }],
  },
};

/** Every place in it, from the outside in; the names of a map may be any. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* places(inner, [...path, name]);
}

function changed(path: readonly string[], by: unknown): string {
  let at = -1;
  const walk = (value: unknown): unknown => {
    at += 1;
    if (at === path.length) return by;
    const name = path[at] ?? '';
    const inner = (value as Record<string, unknown>)[name];
    if (Array.isArray(value)) return [walk(inner)];
    return { ...(value as object), [name]: walk(inner) };
  };
  return JSON.stringify(walk(REPORT));
}

const ALL = [...places(REPORT)];
const isName = (path: readonly string[]): boolean => !/^\d+$/.test(path.at(-1) ?? '');

test('what a daemon says is one', () => {
  expect(reportIn(JSON.stringify(REPORT))).toEqual(REPORT);
  expect(reportIn(JSON.stringify({ ...REPORT, storm: null, more: 'names' }))).toMatchObject({
    storm: null,
  });
  expect(ALL.length).toBeGreaterThan(100);
});

const taken = (path: readonly string[], by: unknown): boolean => {
  try {
    return reportIn(changed(path, by)) !== undefined;
  } catch {
    return false;
  }
};

test('with anything in it of another kind it is none', () => {
  expect(ALL.filter((path) => taken(path, { strange: 1 }))).toEqual([]);
});

test('without one of its names it is none', () => {
  // Lists by name may be empty: the tables say so.
  const maps = new Set(['top', 'checks']);
  const needed = ALL.filter((path) => isName(path) && !maps.has(path.at(-2) ?? ''));
  expect(needed.length).toBeGreaterThan(80);
  expect(needed.filter((path) => taken(path, undefined))).toEqual([]);
});

test.each(['', '<!doctype html>', 'null', '[]', '{}', '1', '"x"'])('%s is none', (text) => {
  expect(() => reportIn(text)).toThrow(Error);
});

test('a time that no clock shows is none', () => {
  for (const path of [
    ['time'],
    ['startTime'],
    ['ratesEnd'],
    ['recent', 'core dump', '0', 'time'],
  ]) {
    for (const time of [-1, 9e12]) expect(() => reportIn(changed(path, time))).toThrow(TypeError);
  }
  expect(() => reportIn(changed(['storm', 'start'], 'noon'))).toThrow(TypeError);
});
