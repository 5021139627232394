// A systemd of the tests' own, with our units. Input: drop-ins, ARGS. Output: what systemctl says, what the daemon logs.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';
import type { LogLine } from '../harness/daemon.ts';
import { LineProcess } from '../harness/line-process.ts';
import { PATIENT } from '../harness/patience.ts';
import { root } from '../harness/programs.ts';

export const SERVICE = 'procevents-exporter.service';
export const SOCKET = 'procevents-exporter.socket';

const HIERARCHIES = ['', 'systemd', 'unified'].map((name) => path.join('/sys/fs/cgroup', name));

/** The clone's command instead of an installed one, and no journal. Else the unit is as shipped. */
const OURS = `[Service]
Environment=PATH=/run/exporter:/usr/bin:/bin
StandardOutput=append:/run/manager/log
StandardError=append:/run/manager/log
RestartSec=0
`;

export interface Answer {
  readonly code: number;
  readonly text: string;
}

export class Manager {
  readonly #process: LineProcess;
  readonly #cgroup = `procevents-test-${process.pid}`;

  private constructor() {
    const script = path.join(root, 'test/systemd/manager.sh');
    // It ends with the tests, however they end, and its units with it.
    const args = ['--pdeathsig', 'TERM', script, root, this.#cgroup];
    this.#process = new LineProcess('setpriv', args, {
      env: { ...process.env, NODE: process.execPath },
    });
  }

  static async start(): Promise<Manager> {
    const manager = new Manager();
    const sockets = ['private', 'notify'].map((name) => manager.#path('run/manager/systemd', name));
    const isUp = (): boolean => sockets.every((socket) => existsSync(socket));
    const ended = manager.#process.ended.then(() => {
      throw new Error(`no systemd: ${manager.said}`);
    });
    await Promise.race([vi.waitUntil(isUp, PATIENT), ended]);
    // A user's manager keeps its notify socket to that user; PID 1 does not.
    chmodSync(manager.#path('run/manager/systemd'), 0o711);
    chmodSync(manager.#path('run/manager/systemd/notify'), 0o777);
    return manager;
  }

  /** The units as they are in the clone, with these drop-ins and words of ARGS. The log begins anew. */
  async load(o: {
    readonly args?: string;
    readonly dropIns?: readonly string[];
    readonly socket?: string;
  }): Promise<void> {
    const units = this.#path('run/manager/units');
    rmSync(units, { recursive: true });
    for (const name of [SERVICE, SOCKET]) {
      cpSync(path.join(root, 'systemd', name), path.join(units, name));
    }
    const dropIn = (unit: string, name: string, text: string): void => {
      mkdirSync(path.join(units, `${unit}.d`), { recursive: true });
      writeFileSync(path.join(units, `${unit}.d`, `${name}.conf`), text);
    };
    dropIn(SERVICE, 'ours', OURS);
    o.dropIns?.forEach((text, index) => dropIn(SERVICE, `test-${index}`, text));
    if (o.socket !== undefined) dropIn(SOCKET, 'test', o.socket);
    const { args = '--web.listen-address=127.0.0.1:0' } = o;
    writeFileSync(this.#path('etc/default/procevents-exporter'), `ARGS=${args}\n`);
    writeFileSync(this.#path('run/manager/log'), '');
    await this.must('daemon-reload');
  }

  systemctl(...args: readonly string[]): Promise<Answer> {
    const env = { ...process.env, XDG_RUNTIME_DIR: this.#path('run/manager') };
    return new Promise((resolve) => {
      execFile('systemctl', ['--user', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
      );
    });
  }

  async must(...args: readonly string[]): Promise<void> {
    const { code, text } = await this.systemctl(...args);
    if (code !== 0) throw new Error(`systemctl ${args.join(' ')}: ${text}${this.output}`);
  }

  async show(property: string): Promise<string> {
    const { text } = await this.systemctl('show', '--value', '--property', property, SERVICE);
    return text.trimEnd();
  }

  async pid(): Promise<number> {
    return Number(await this.show('MainPID'));
  }

  /** What the service wrote: the log, and the one line of a start that failed. */
  get output(): string {
    return readFileSync(this.#path('run/manager/log'), 'utf8');
  }

  get log(): LogLine[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Where the newest start listens. */
  get url(): string {
    const line = this.log.findLast(({ msg }) => msg === 'listening');
    return (line?.['addresses'] as string[] | undefined)?.[0] ?? '';
  }

  /** What systemd itself said. */
  get said(): string {
    return this.#process.stderr;
  }

  async stop(): Promise<void> {
    await this.systemctl('stop', SOCKET, SERVICE);
    this.#process.child.kill('SIGTERM');
    await this.#process.ended;
    for (const hierarchy of HIERARCHIES) removeTree(path.join(hierarchy, this.#cgroup));
  }

  /** A file as the manager sees it: it has mounts of its own. */
  #path(...names: readonly string[]): string {
    return path.join(`/proc/${this.#process.pid}/root`, ...names);
  }
}

/** A cgroup's files go with it; only its folders can be removed, from within. */
function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
  }
  rmdirSync(folder);
}
