// A child process that talks in lines. Input: a command. Output: its lines as they come, its end.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll } from 'vitest';

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LineProcessOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly onLine?: (line: string) => void;
}

// What a failed test leaves behind ends with its file.
const alive = new Set<LineProcess>();
afterAll(() => alive.forEach(({ child }) => child.kill('SIGKILL')));

export class LineProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<End>;
  stderr = '';
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #readers: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #closed = false;

  constructor(command: string, args: readonly string[], options: LineProcessOptions = {}) {
    this.#name = [command, ...args].join(' ');
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    alive.add(this);
    this.child.stdin.on('error', () => {}); // it ended before it read: its end tells why
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const take = options.onLine ?? ((line: string) => this.#take(line));
    createInterface({ input: this.child.stdout, crlfDelay: Infinity }).on('line', take);
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#closed = true;
      alive.delete(this);
      for (const reader of this.#readers.splice(0)) reader.reject(this.#gone());
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`could not start ${this.#name}`);
    return this.child.pid;
  }

  /** The next line of stdout that nobody has taken. */
  line(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#closed) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  say(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** Closes stdin and demands that it ends well. */
  async finish(): Promise<void> {
    this.child.stdin.end();
    const { code, signal } = await this.ended;
    if (code !== 0) throw new Error(`${this.#name} ended with ${code ?? signal}: ${this.stderr}`);
  }

  #take(line: string): void {
    const reader = this.#readers.shift();
    if (reader) reader.resolve(line);
    else this.#lines.push(line);
  }

  #gone(): Error {
    return new Error(`${this.#name} has ended: ${this.stderr}`);
  }
}
