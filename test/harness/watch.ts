// Runs `procevents-exporter watch` into a pipe. Input: its flags. Output: its lines, what it says at the end, its end.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import path from 'node:path';
import { vi } from 'vitest';
import { LineProcess, type End } from './line-process.ts';
import { PATIENT } from './patience.ts';
import { root } from './programs.ts';

export const MAIN = path.join(root, 'dist', 'main.js');

/** A line of --json. */
export interface WatchRecord {
  readonly kind: string;
  readonly timestamp_ns: string;
  readonly cpu: number;
  readonly seq: number;
  readonly pid: number;
  readonly tgid: number;
  readonly count: number;
  readonly [field: string]: unknown;
}

export interface WatchOptions {
  readonly under?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

export class Watch {
  readonly lines: string[] = [];
  readonly #process: LineProcess;

  constructor(flags: readonly string[], o: WatchOptions = {}) {
    const [command = '', ...args] = [...(o.under ?? []), process.execPath, MAIN, 'watch', ...flags];
    this.#process = new LineProcess(command, args, {
      // CI forbids colours, to all.
      env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...o.environment },
      onLine: (line) => this.lines.push(line),
    });
  }

  /** It watches: what happens from now on is seen. Text only: JSON has no header. */
  static async start(flags: readonly string[], o: WatchOptions = {}): Promise<Watch> {
    const watch = new Watch(flags, o);
    await vi.waitFor(() => watch.#mustHave(/TIME +KIND +PID/), PATIENT);
    return watch;
  }

  /** Likewise; `make` makes an event. */
  static async startJson(flags: readonly string[], make: () => void): Promise<Watch> {
    const watch = new Watch(['--json', ...flags]);
    await vi.waitFor(() => {
      make();
      watch.#mustHave(/^\{/);
    }, PATIENT);
    return watch;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get records(): WatchRecord[] {
    return this.lines.map((line) => JSON.parse(line) as WatchRecord);
  }

  get stderr(): string {
    return this.#process.stderr;
  }

  get ended(): Promise<End> {
    return this.#process.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  /** Stops reading its output. */
  pause(): void {
    this.#process.child.stdout.pause();
  }

  resume(): void {
    this.#process.child.stdout.resume();
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<End> {
    this.signal(signal);
    return this.ended;
  }

  #mustHave(first: RegExp): void {
    const [line] = this.lines;
    if (line === undefined || !first.test(line)) throw new Error(`not begun: ${this.stderr}`);
  }
}

/** Of a line for people. */
export function pidOf(line: string): number {
  return Number(line.slice(22, 29));
}

/**
 * Runs it with `flags` before a shell's pipe into `reader`, if any, on a host where something happens. Its exit code is the
 * last line of stdout.
 */
export function watchInto(reader: string, flags: string): SpawnSyncReturns<string> {
  const script = `
    while :; do /bin/true; done & makes=$!
    "$0" "$1" watch ${flags} ${reader === '' ? '' : `| ${reader}`}
    echo "\${PIPESTATUS[0]}"
    kill $makes`;
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '' };
  return spawnSync('bash', ['-c', script, process.execPath, MAIN], { encoding: 'utf8', env });
}
