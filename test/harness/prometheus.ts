// A real Prometheus. Input: scrape jobs. Output: its answers to queries, and what it says of its targets.
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

  static async start(jobs: Readonly<Record<string, Job>>): Promise<Prometheus> {
    const folder = mkdtempSync(path.join(tmpdir(), 'procevents-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: Object.entries(jobs).map(([name, job]) =>
        Object.assign({ job_name: name }, job),
      ),
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

  async targets(): Promise<Target[]> {
    const response = await this.#get('/api/v1/targets?state=active');
    const { data } = (await response.json()) as { data: { activeTargets: Target[] } };
    return data.activeTargets;
  }

  /** Resolves when `condition` holds; throws what Prometheus has said when it never does. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
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
