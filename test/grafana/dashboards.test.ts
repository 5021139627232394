// The committed dashboards: against their typed source, and against what a broken one shows only in Grafana.
// `npm test -- test/grafana -u` writes them anew.
import path from 'node:path';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, test } from 'vitest';
import { DASHBOARDS, text } from '../../deploy/grafana/src/dashboards.ts';
import { HOST_FAMILIES, buildInfoFamily } from '../../src/exposition/host-families.ts';
import { PAIR_FAMILIES } from '../../src/exposition/pair-families.ts';
import {
  DASHBOARD_FOLDER,
  choicesOf,
  columnsOf,
  panelsOf,
  queriesOf,
  withVariables,
  type Dashboard,
  type Panel,
} from '../harness/dashboards.ts';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;
/** Names of ours, and those that any Prometheus and prom-client have. */
const build = { version: '', revision: '', nodeversion: '', arch: '' };
const METRICS = new Set([
  'up',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  ...PAIR_FAMILIES.map(({ name }) => name),
  ...[...HOST_FAMILIES, buildInfoFamily(build)].flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
]);
const UNITS = new Set<unknown>(Object.values(units));

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function unitsOf({ fieldConfig }: Panel): unknown[] {
  const others = fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
  return [
    fieldConfig?.defaults.unit,
    ...others.filter(({ id }) => id === 'unit').map(({ value }) => value),
  ];
}

describe.for(Object.entries(DASHBOARDS))('%s', ([file, typed]) => {
  const dashboard = JSON.parse(text(typed)) as Dashboard;
  const panels = panelsOf(dashboard);
  const tiles = panels.filter(({ type }) => type !== 'row');
  const queries = queriesOf(dashboard);

  test('is what the typed source says', async () => {
    await expect(text(typed)).toMatchFileSnapshot(path.join(DASHBOARD_FOLDER, file));
  });

  test('has no number twice: links to a panel would lead to another', () => {
    const ids = panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has no panel over another, and none beside the page', () => {
    const wrong = panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > COLUMNS);
    const over = panels.flatMap((a, index) =>
      panels
        .slice(index + 1)
        .filter((b) => overlap(a, b))
        .map((b) => `${a.title} and ${b.title}`),
    );
    expect([wrong, over]).toEqual([[], []]);
  });

  test('has no gap: every line of panels is as wide as the page', () => {
    const widths = new Map<number, number>();
    for (const { gridPos } of panels) {
      widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    }
    expect([...widths.values()].filter((width) => width !== COLUMNS)).toEqual([]);
  });

  test('describes every panel', () => {
    const bare = tiles.filter(({ description = '' }) => !/^[A-Z].{20,}\.$/s.test(description));
    expect(bare.map(({ title }) => title)).toEqual([]);
  });

  test('has units that Grafana knows, in every panel', () => {
    const known = (unit: unknown): boolean =>
      UNITS.has(unit) || (typeof unit === 'string' && unit.startsWith('suffix: '));
    const wrong = tiles.filter((panel) => !unitsOf(panel).every(known));
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });

  test('asks the data source that is chosen, and no other', () => {
    const { templating, annotations } = dashboard;
    const asked = [
      ...tiles.map(({ datasource }) => datasource),
      ...tiles.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource)),
      ...(annotations.list ?? []).flatMap((mark) => [mark.datasource, mark.target.datasource]),
      ...templating.list.filter(({ type }) => type === 'query').map((one) => one.datasource),
    ];
    expect(asked.length).toBeGreaterThan(tiles.length);
    expect(asked.filter((source) => JSON.stringify(source) !== JSON.stringify(SOURCE))).toEqual([]);
  });

  test('asks for metrics that there are', () => {
    const texts = [...queries.map(({ expr }) => expr), ...choicesOf(dashboard).map(({ of }) => of)];
    const named = texts.flatMap((expr) => expr.match(/\b(up|process_\w+|procevents_\w+)\b/g) ?? []);
    expect(named.length).toBeGreaterThan(queries.length);
    expect([...new Set(named)].filter((name) => !METRICS.has(name))).toEqual([]);
  });

  test('narrows every metric to the job and the host that are chosen', () => {
    const loose = queries.flatMap(({ where, expr }) =>
      [
        ...expr.matchAll(
          /\b(?:up|process_\w+|procevents_\w+)\b(?!\{job=~?"\$job",instance=~?"\$)/g,
        ),
      ].map(([name]) => `${where}: ${name}`),
    );
    expect(loose).toEqual([]);
  });

  test('takes rates over what Grafana says, never over a time of its own', () => {
    const windows = queries.flatMap(({ where, expr }) =>
      [...expr.matchAll(/\[([^\]]+)\]|offset (\S+)/g)].map((match) => ({
        where,
        window: match[1] ?? match[2],
      })),
    );
    const own = windows.filter(
      ({ window }) => !/^\$__(rate_interval|range)\)*$/.test(window ?? ''),
    );
    expect(windows.length).toBeGreaterThan(10);
    expect(own).toEqual([]);
  });

  test('uses no variable that is not there', () => {
    const names = dashboard.templating.list.map(({ name }) => [name, '']);
    const values = Object.fromEntries([
      ...names,
      ['__rate_interval', ''],
      ['__range', ''],
    ]) as Record<string, string>;
    const left = queries.filter(({ expr }) => /\$[a-z_]/.test(withVariables(expr, values)));
    expect(left).toEqual([]);
  });

  test('dresses and sorts only columns that there are, and names every query one', () => {
    const tables = tiles.filter(({ type }) => type === 'table');
    const wrong = tables.flatMap((panel) => {
      const { title, fieldConfig, options, targets = [] } = panel;
      const names = columnsOf(panel);
      const dressed = fieldConfig?.overrides.map(({ matcher }) => matcher.options) ?? [];
      const sorted = options?.sortBy?.map(({ displayName }) => displayName) ?? [];
      const known = new Set<unknown>(names.values());
      const values = targets.map(({ refId }) =>
        targets.length === 1 ? 'Value' : `Value #${refId}`,
      );
      return [
        ...[...dressed, ...sorted].filter((name) => !known.has(name)),
        ...values.filter((value) => !names.has(value)),
      ].map((name) => `${title}: ${String(name)}`);
    });
    expect(tables.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  test('says the same to old and new Grafana about each mark', () => {
    const marks = dashboard.annotations.list ?? [];
    expect(marks.map(({ expr }) => expr)).toEqual(marks.map(({ target }) => target.expr));
  });
});

test('each leads to the other', () => {
  const host = DASHBOARDS['procevents-host.json'];
  const fleet = DASHBOARDS['procevents-fleet.json'];
  expect(JSON.stringify(host?.links)).toContain(`/d/${fleet?.uid}?`);
  expect(JSON.stringify(fleet?.links)).toContain(`/d/${host?.uid}?`);
  expect(JSON.stringify(fleet?.panels)).toContain(`/d/${host?.uid}?`);
});
