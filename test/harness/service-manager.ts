// The service manager's end of NOTIFY_SOCKET. Input: a kind of address. Output: what it was told, and by whom.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, vi } from 'vitest';
import { native } from '../../src/collector/native.ts';
import { LineProcess } from './line-process.ts';
import { PATIENT } from './patience.ts';
import { program } from './programs.ts';

export const directory = mkdtempSync(path.join(tmpdir(), 'procevents-notify-'));
chmodSync(directory, 0o755); // the daemon is no longer root when it looks in here
afterAll(() => rmSync(directory, { recursive: true }));
let sockets = 0;

export class Manager {
  readonly address: string;
  /** Messages so far, line breaks as "; ". */
  readonly sent: string[] = [];
  readonly #process: LineProcess;
  readonly #senders = new Set<number>();
  #bound = false;

  private constructor(address: string) {
    this.address = address;
    this.#process = new LineProcess(program('notified'), [address], {
      onLine: (line) => this.#take(line),
    });
  }

  static async start(kind: 'path' | 'abstract'): Promise<Manager> {
    sockets += 1;
    const name = `${directory}/${sockets}.socket`;
    const manager = new Manager(kind === 'path' ? name : `@${name}`);
    await vi.waitUntil(() => manager.#bound, PATIENT);
    return manager;
  }

  /** Waits for a message; it and all before it are forgotten. */
  async hears(message: string | RegExp): Promise<void> {
    const is = (sent: string): boolean =>
      typeof message === 'string' ? sent === message : message.test(sent);
    await vi.waitUntil(() => this.sent.some(is), PATIENT);
    this.sent.splice(0, this.sent.findIndex(is) + 1);
  }

  /** Stands still, with a full queue. */
  stopReading(): void {
    process.kill(this.#process.pid, 'SIGSTOP');
    while (native().notify(this.address, 'FILLER=1') === 0);
  }

  readOn(): void {
    process.kill(this.#process.pid, 'SIGCONT');
  }

  /** The pids of all who have sent something. */
  async end(): Promise<number[]> {
    await this.#process.finish();
    return [...this.#senders];
  }

  #take(line: string): void {
    const [, pid, message] = /^([0-9]+) (.*)$/.exec(line) ?? [];
    if (message === undefined) {
      this.#bound = true;
    } else {
      this.#senders.add(Number(pid));
      this.sent.push(message);
    }
  }
}
