// A real Alertmanager, and whom it notifies. Input: alerts from Prometheus. Output: what came to the webhook, and when.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

type Texts = Readonly<Record<string, string>>;

export interface Notice {
  /** Date.now() when it came. */
  readonly at: number;
  readonly status: 'firing' | 'resolved';
  readonly labels: Texts;
  readonly annotations: Texts;
}

export class Alertmanager {
  /** host:port */
  readonly address: string;
  readonly notices: Notice[] = [];
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #webhook: Server;
  #output = '';

  private constructor(address: string, folder: string, webhook: Server) {
    this.address = address;
    this.#folder = folder;
    this.#webhook = webhook;
    webhook.on('request', (request, response) => {
      this.#take(request)
        .catch((error: unknown) => (this.#output += String(error)))
        .finally(() => response.end());
    });
    this.#process = spawn(
      'prometheus-alertmanager',
      [
        `--config.file=${path.join(folder, 'alertmanager.yml')}`,
        `--storage.path=${path.join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process.stderr?.on('data', (said: Buffer) => (this.#output += said.toString()));
  }

  /** It waits for nothing, each alert is a group of its own, and is told anew every second: with its text as it is then. */
  static async start(): Promise<Alertmanager> {
    const folder = mkdtempSync(path.join(tmpdir(), 'procevents-alertmanager-'));
    const webhook = createServer();
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const { port } = webhook.address() as AddressInfo;
    const config = {
      route: {
        receiver: 'test',
        group_by: ['...'],
        group_wait: '0s',
        group_interval: '1s',
        repeat_interval: '1s',
      },
      receivers: [
        { name: 'test', webhook_configs: [{ url: `http://127.0.0.1:${port}/`, max_alerts: 0 }] },
      ],
    };
    // JSON is YAML.
    writeFileSync(path.join(folder, 'alertmanager.yml'), JSON.stringify(config));
    const alertmanager = new Alertmanager(`127.0.0.1:${await freePort()}`, folder, webhook);
    await alertmanager.#ready();
    return alertmanager;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    this.#webhook.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #take(request: IncomingMessage): Promise<void> {
    const { alerts } = JSON.parse(await text(request)) as { alerts: Omit<Notice, 'at'>[] };
    this.notices.push(...alerts.map((alert) => Object.assign(alert, { at: Date.now() })));
  }

  async #ready(): Promise<void> {
    const ask = (): Promise<boolean> =>
      fetch(`http://${this.address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (let tries = 0; tries < 300 && this.#process.exitCode === null; tries++) {
      if (await ask()) return;
      await pause(100);
    }
    throw new Error(`Alertmanager is not ready: ${this.#output}`);
  }
}
