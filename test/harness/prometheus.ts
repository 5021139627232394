// A real Prometheus. Input: scrape jobs, rule files, where to send alerts. Output: its answers to queries, and what it says of
// its targets and rules.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A scrape_config of Prometheus' own, less job_name. */
export type Job = Readonly<Record<string, unknown>>;

export interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly ruleFiles?: readonly string[];
  /** host:port */
  readonly alertmanager?: string;
}

export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly type: 'alerting' | 'recording';
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  /** seconds */
  readonly evaluationTime: number;
}

export class Prometheus {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(port: number, folder: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#process = spawn(
      'prometheus',
      [
        `--config.file=${path.join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process.stderr?.on('data', (text: Buffer) => (this.#output += text.toString()));
  }

  /** Scrapes and evaluates every second. */
  static async start(
    jobs: Readonly<Record<string, Job>>,
    { ruleFiles = [], alertmanager }: PrometheusOptions = {},
  ): Promise<Prometheus> {
    const folder = mkdtempSync(path.join(tmpdir(), 'procevents-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: Object.entries(jobs).map(([name, job]) =>
        Object.assign({ job_name: name }, job),
      ),
      ...(alertmanager !== undefined && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      }),
    };
    // JSON is YAML.
    writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
    const prometheus = new Prometheus(await freePort(), folder);
    await prometheus.until('it is ready', async () => (await prometheus.#get('/-/ready')).ok);
    return prometheus;
  }

  /** The values of an instant query, by their labels. */
  async query(query: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const response = await this.#get(`/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const { data, error } = (await response.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${query}: ${error}`);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** A query's values from `start` to `end`, in seconds since 1970, by their labels. */
  async queryRange(
    query: string,
    { start, end, step }: Readonly<Record<'start' | 'end' | 'step', number>>,
  ): Promise<{ labels: Record<string, string>; values: number[] }[]> {
    const at = { query, start: String(start), end: String(end), step: String(step) };
    const response = await this.#get(`/api/v1/query_range?${new URLSearchParams(at).toString()}`);
    const { data, error } = (await response.json()) as {
      data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${query}: ${error}`);
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      values: values.map(([, value]) => Number(value)),
    }));
  }

  async labelValues(series: string, label: string): Promise<string[]> {
    const match = new URLSearchParams({ 'match[]': series }).toString();
    const response = await this.#get(`/api/v1/label/${label}/values?${match}`);
    const { data, error } = (await response.json()) as { data?: string[]; error?: string };
    if (data === undefined) throw new Error(`${series}: ${error}`);
    return data;
  }

  async targets(): Promise<Target[]> {
    const response = await this.#get('/api/v1/targets?state=active');
    const { data } = (await response.json()) as { data: { activeTargets: Target[] } };
    return data.activeTargets;
  }

  async rules(): Promise<Rule[]> {
    const response = await this.#get('/api/v1/rules');
    const { data } = (await response.json()) as { data: { groups: { rules: Rule[] }[] } };
    return data.groups.flatMap(({ rules }) => rules);
  }

  /** Resolves when `condition` holds; throws what Prometheus has said when it never does. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      if (this.#process.exitCode !== null) break;
      if (await condition().catch(() => false)) return;
      await pause(100);
    }
    throw new Error(`Prometheus: not so that ${what}: ${this.#output}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }

  #get(target: string): Promise<Response> {
    return fetch(this.url + target);
  }
}
