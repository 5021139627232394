// Runs bench/storm. Input: its arguments. Output: what it did.
import { LineProcess } from './line-process.ts';
import { program } from './programs.ts';

export interface Stormed {
  readonly kind: string;
  readonly pid: number;
  readonly procs: number;
  readonly ops: number;
  readonly seconds: number;
}

export class Storm {
  readonly #process: LineProcess;

  constructor(kind: 'fork' | 'vfork' | 'thread' | 'exec' | 'prctl', ...args: readonly string[]) {
    program('nothing'); // which exec looks for beside itself
    this.#process = new LineProcess(program('storm'), [kind, ...args]);
  }

  /** Resolves when it has ended with 0. */
  async done(): Promise<Stormed> {
    const [line] = await Promise.all([this.#process.line(), this.#process.finish()]);
    return JSON.parse(line) as Stormed;
  }

  /** Ends one that would go on. */
  async kill(): Promise<void> {
    this.#process.child.kill('SIGKILL');
    await this.#process.ended;
  }
}
