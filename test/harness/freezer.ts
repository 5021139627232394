// Stops one thread of a process, and only it. Input: a pid and the thread's name. Output: a thread
// that does nothing until thawed.
import { readdirSync, readFileSync } from 'node:fs';
import { LineProcess } from './line-process.ts';
import { program } from './programs.ts';

export class Freezer {
  readonly #process: LineProcess;

  private constructor(tid: number) {
    this.#process = new LineProcess(program('freeze'), [String(tid)]);
  }

  static async freeze(tid: number): Promise<Freezer> {
    const freezer = new Freezer(tid);
    await freezer.#process.line();
    return freezer;
  }

  async thaw(): Promise<void> {
    await this.#process.finish();
  }
}

export function threadNamed(pid: number, comm: string): number {
  const tasks = `/proc/${pid}/task`;
  const found = readdirSync(tasks).filter((tid) => read(`${tasks}/${tid}/comm`) === comm);
  if (found.length !== 1) throw new Error(`${found.length} threads named ${comm} in ${pid}`);
  return Number(found[0]);
}

function read(path: string): string {
  return readFileSync(path, 'utf8').trimEnd();
}
