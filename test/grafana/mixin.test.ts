// The dashboards against the mixin: the same borders, the same runbooks, and the same files for those who take it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DASHBOARDS, text } from '../../deploy/grafana/src/dashboards.ts';
import {
  FAR_ABOVE,
  OUTLIER_RATE,
  PIDS_WARNING,
  STORM_SECONDS_A_MINUTE,
} from '../../deploy/grafana/src/thresholds.ts';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

test.for([
  ['stormSeconds', STORM_SECONDS_A_MINUTE],
  ['bombUsed', PIDS_WARNING],
  ['outlierFactor', FAR_ABOVE],
  ['outlierFloor', OUTLIER_RATE],
] as const)('draw the border where the mixin has %s', ([name, value]) => {
  const config = readFileSync(path.join(root, 'deploy/prometheus/mixin/config.libsonnet'), 'utf8');
  expect(config).toContain(` ${name}: ${value},`);
});

test('lead to pages that there are, where the alerts have theirs', () => {
  const rules = readFileSync(
    path.join(root, 'deploy/prometheus/rules/procevents-alerts.yml'),
    'utf8',
  );
  const all = Object.values(DASHBOARDS).map((dashboard) => text(dashboard));
  const led = all.flatMap((json) => [...json.matchAll(/"\$\{runbooks\}\/(\w+\.md)"/g)]);
  const pages = [...new Set(led.map(([, page = '']) => page))];
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.filter((page) => !existsSync(path.join(root, 'docs/runbooks', page)))).toEqual([]);
  for (const json of all) {
    const [, base = 'none'] = /"query": "(https:[^"]+)"/.exec(json) ?? [];
    expect(rules).toContain(`runbook_url: ${base}/${pages[0]}`);
  }
});

describeWith(['jsonnet'], 'the mixin', () => {
  test('hands out the same dashboards', () => {
    const program = "(import 'mixin/mixin.libsonnet').grafanaDashboards";
    const home = path.join(root, 'deploy/prometheus');
    const output = execFileSync('jsonnet', ['-e', program], { cwd: home, encoding: 'utf8' });
    const typed = Object.entries(DASHBOARDS).map(([file, one]) => [file, JSON.parse(text(one))]);
    expect(JSON.parse(output)).toEqual(Object.fromEntries(typed));
  });

  test.for([
    ['https://wiki.example/%s', 'https://wiki.example', '/ForkStorm'],
    ['https://wiki.example/?page=%s', 'https://wiki.example/?page=', 'ForkStorm'],
  ] as const)('leads from them to runbooks at %s', ([runbookURL, folder, page]) => {
    const config = `{ _config+:: { runbookURL: '${runbookURL}' } }`;
    const program = `((import 'mixin/mixin.libsonnet') + ${config}).grafanaDashboards`;
    const home = path.join(root, 'deploy/prometheus');
    const output = execFileSync('jsonnet', ['-e', program], { cwd: home, encoding: 'utf8' });
    expect(output).not.toMatch(/github\.com|\.md"/);
    expect(output).toContain(`"query": "${folder}"`);
    expect(output).toContain(`"url": "\${runbooks}${page}"`);
  });
});
