// The scrape configurations: that Prometheus takes them, and what it makes of what they find.
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { NAMESPACE, SELECTOR } from '../../deploy/kubernetes/src/identity.ts';
import { root } from '../harness/programs.ts';
import { Prometheus, type Job, type Target } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';

const HOME = path.join(root, 'deploy/prometheus');
const files = readdirSync(HOME).filter((name) => /^prometheus.*\.yml$/.test(name));

function jobOf(file: string): Job & { job_name: string } {
  const text = readFileSync(path.join(HOME, file), 'utf8');
  const { scrape_configs: jobs } = parse(text) as {
    scrape_configs: readonly [Job & { job_name: string }];
  };
  return jobs[0];
}

test('each configuration calls its job as the rules expect it', () => {
  const config = readFileSync(path.join(HOME, 'mixin/config.libsonnet'), 'utf8');
  const selector = /selector: 'job=~"(.+)"'/.exec(config)?.[1] ?? '';
  const jobs = files.map((file) => jobOf(file).job_name);
  expect(jobs).toEqual(['procevents', 'procevents', 'procevents']);
  // And as a PodMonitor is called: namespace/name.
  for (const job of [...jobs, 'procevents-exporter/procevents-exporter', 'procevents-exporter']) {
    expect(job).toMatch(new RegExp(`^(?:${selector})$`));
  }
  expect('node').not.toMatch(new RegExp(`^(?:${selector})$`));
});

test('pods are looked for where deploy/kubernetes puts them', () => {
  expect(jobOf('prometheus-kubernetes.yml')['kubernetes_sd_configs']).toEqual([
    { role: 'pod', namespaces: { names: [NAMESPACE] } },
  ]);
});

describeWith(['promtool'], 'promtool', () => {
  test.for(files)('takes %s, with the rules', (file) => {
    // Debian's is built without Kubernetes' discovery: there it is asked about the rest.
    const text = readFileSync(path.join(HOME, file), 'utf8');
    const { scrape_configs: jobs, ...rest } = parse(text) as { scrape_configs: Job[] };
    const known = jobs.map(({ kubernetes_sd_configs: _discovery, ...others }) => others);
    const folder = mkdtempSync(path.join(tmpdir(), 'procevents-scrape-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of ['rules', 'targets']) {
      symlinkSync(path.join(HOME, name), path.join(folder, name));
    }
    const copy = path.join(folder, file);
    // JSON is YAML.
    writeFileSync(copy, JSON.stringify({ ...rest, scrape_configs: known }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', copy], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toMatch(/FAILED|WARN/);
    expect(stdout).toContain('2 rule files found');
    expect(status).toBe(0);
  });
});

/** A pod as Kubernetes' discovery tells of it. */
function pod(app: string, port: string, phase: string, node: string): Job {
  const labels = { label_app_kubernetes_io_name: app, container_port_name: port, phase };
  const all = Object.entries({ ...labels, node_name: node });
  return {
    targets: ['127.0.0.1:9'],
    labels: Object.fromEntries(
      all.map(([name, value]) => [`__meta_kubernetes_pod_${name}`, value]),
    ),
  };
}

describeWith(['prometheus'], 'a real Prometheus', () => {
  const ours = SELECTOR['app.kubernetes.io/name'];
  let prometheus: Prometheus;

  beforeAll(async () => {
    prometheus = await Prometheus.start({
      files: { file_sd_configs: [{ files: [path.join(HOME, 'targets/*.yml')] }] },
      pods: {
        relabel_configs: jobOf('prometheus-kubernetes.yml')['relabel_configs'],
        static_configs: [
          pod(ours, 'metrics', 'Running', 'node1'),
          pod(ours, 'other', 'Running', 'node1'),
          pod(ours, 'metrics', 'Succeeded', 'node2'),
          pod('another', 'metrics', 'Running', 'node3'),
        ],
      },
    });
    await prometheus.until('it knows its targets', async () => {
      const found = await targets();
      return found.some(({ job }) => job === 'files') && found.some(({ job }) => job === 'pods');
    });
  });
  afterAll(() => prometheus.stop());

  async function targets(): Promise<Target['labels'][]> {
    const found = await prometheus.targets();
    return found.map(({ labels }) => labels);
  }

  test('finds the hosts of the example file, with their labels', async () => {
    const found = await targets();
    const hosts = found.filter(({ job }) => job === 'files');
    expect(Object.fromEntries(hosts.map(({ instance, env }) => [instance, env]))).toEqual({
      '[2001:db8::1]:11011': 'test',
      'web1.example:11011': 'production',
      'web2.example:11011': 'production',
    });
  });

  test("names a pod by its node, and takes this exporter's running pods only", async () => {
    const found = await targets();
    expect(found.filter(({ job }) => job === 'pods')).toEqual([{ instance: 'node1', job: 'pods' }]);
  });
});
