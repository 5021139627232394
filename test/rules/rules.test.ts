// The alerts and recording rules: what is committed is what the mixin says, Prometheus takes it, and each alert has its cases
// and its page. That they do what the cases say, promtool finds in cases.long.test.ts.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Case {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
}

const RENDERED = path.join(root, 'deploy/prometheus/rules');
const MIXIN = path.join(root, 'deploy/prometheus/mixin');
const CASES = import.meta.dirname;

const files = readdirSync(RENDERED);
const cases = readdirSync(CASES)
  .filter((name) => name.endsWith('.yml'))
  .map((file) => parse(readFileSync(path.join(CASES, file), 'utf8')) as { tests: Case[] })
  .flatMap(({ tests }) => tests.flatMap((one) => one.alert_rule_test ?? []));
const rules = files.flatMap((file) => {
  const text = readFileSync(path.join(RENDERED, file), 'utf8');
  const { groups } = parse(text) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});
const alerts = rules.filter(({ alert }) => alert !== undefined);

function run(command: string, ...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'procevents-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describeWith(['jsonnet', 'promtool'], 'the mixin', () => {
  test('renders to the committed rule files; npm run rules writes them anew', () => {
    const folder = scratch();
    execFileSync(process.execPath, ['scripts/rules.mjs', folder], { cwd: root });
    expect(readdirSync(folder)).toEqual(files);
    for (const file of files) {
      const rendered = readFileSync(path.join(folder, file), 'utf8');
      expect(readFileSync(path.join(RENDERED, file), 'utf8')).toBe(rendered);
    }
  });

  test('takes another job, other host labels and thresholds', () => {
    const config = `_config+:: {
      selector: 'job="mine"', hostLabels: ['cluster', 'job', 'instance'], fleetLabels: ['cluster'],
      stormSeconds: 3, recordingInterval: '1m', runbookURL: 'https://wiki.example/%s',
    }`;
    const program = `
      local mixin = (import 'mixin.libsonnet') + { ${config} };
      { groups: mixin.prometheusAlerts.groups + mixin.prometheusRules.groups }`;
    const text = execFileSync('jsonnet', ['-e', program], { cwd: MIXIN, encoding: 'utf8' });
    expect(text).not.toMatch(/by \(job|on \(job|exporter\)\?/);
    expect(text).toContain('by (cluster, job, instance)');
    expect(text).toContain('>= 3\\nor');
    expect(text).toContain('"interval": "1m"');
    expect(text).toContain('https://wiki.example/ForkStorm');
    const folder = scratch();
    writeFileSync(path.join(folder, 'rules.yml'), text);
    const { status, said } = run('promtool', 'check', 'rules', path.join(folder, 'rules.yml'));
    expect(said).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  test('is written as jsonnetfmt writes it', () => {
    const sources = readdirSync(MIXIN, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.libsonnet'))
      .map((name) => path.join(MIXIN, name));
    expect(sources.length).toBeGreaterThan(3);
    expect(run('jsonnetfmt', '--test', ...sources)).toEqual({ status: 0, said: '' });
  });
});

describeWith(['promtool'], 'promtool', () => {
  test.for(files)('takes %s', (file) => {
    const { status, said } = run('promtool', 'check', 'rules', path.join(RENDERED, file));
    expect(said).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

test.for(alerts.map(({ alert = '' }) => alert))(
  '%s has a case in which it fires and one in which it does not',
  (alert) => {
    const told = cases.filter(({ alertname }) => alertname === alert);
    expect(told.some(({ exp_alerts: expected }) => expected.length > 0)).toBe(true);
    expect(told.some(({ exp_alerts: expected }) => expected.length === 0)).toBe(true);
  },
);

test.for(alerts.map((rule) => [rule.alert ?? '', rule] as const))(
  '%s says how grave it is, what happened to whom on which host, and has a page',
  ([alert, { labels, annotations }]) => {
    expect(labels?.['severity']).toMatch(/^(info|warning|critical)$/);
    expect(annotations?.['summary']).toContain('$labels.instance');
    for (const part of ['$labels.instance', 'comm', 'uid', 'user']) {
      expect(annotations?.['description']).toContain(part);
    }
    const page = `docs/runbooks/${alert}.md`;
    expect(annotations?.['runbook_url']?.endsWith(page)).toBe(true);
    expect(existsSync(path.join(root, page))).toBe(true);
    const text = readFileSync(path.join(root, page), 'utf8');
    expect(text.match(/^#+ .+$/gm)).toEqual([
      `# ${alert}`,
      '## What it means',
      '## How to look',
      '## What to do',
      '## When it is wrong',
    ]);
  },
);

test('there is no page for an alert that does not exist', () => {
  const pages = readdirSync(path.join(root, 'docs/runbooks')).filter(
    (name) => name !== 'README.md',
  );
  expect(pages).toEqual(alerts.map(({ alert }) => `${alert}.md`).toSorted());
});

test('recording rules are called level:metric:operation', () => {
  const names = rules.flatMap(({ record = [] }) => record);
  expect(names.length).toBeGreaterThan(30);
  expect(
    names.filter((name) => !/^(instance|job)(_[a-z]+)*:procevents_\w+:\w+$/.test(name)),
  ).toEqual([]);
});
