// Drives test/programs/events: one situation, made a known number of times. Input: a situation and
// its options. Output: the pids and tids it made.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LineProcess } from './line-process.ts';
import { program } from './programs.ts';

export interface MakerOptions {
  readonly comm?: string;
  readonly count?: number;
  readonly code?: number;
  readonly signal?: number;
  readonly others?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Another comm, as its bytes. */
  readonly name?: string | Uint8Array;
  readonly secondName?: string | Uint8Array;
  readonly core?: boolean;
  readonly program?: readonly string[];
}

export interface Made {
  readonly pid: number;
  readonly pids: readonly number[];
  readonly tids: readonly number[];
}

export class Maker {
  readonly made: Made;
  readonly #process: LineProcess;
  readonly #directory: string;

  private constructor(process: LineProcess, directory: string, made: Made) {
    this.#process = process;
    this.#directory = directory;
    this.made = made;
  }

  /** Resolves when the first round is made. */
  static async start(situation: string, options: MakerOptions = {}): Promise<Maker> {
    const directory = mkdtempSync(path.join(tmpdir(), 'procevents-cores-'));
    const args = [situation, ...optionArguments(options)];
    const process = new LineProcess(program('events'), args, { cwd: directory });
    return new Maker(process, directory, parseMade(await process.line()));
  }

  get pid(): number {
    return this.made.pid;
  }

  /** Makes the situation once more. */
  async again(): Promise<Made> {
    this.#process.say('');
    return parseMade(await this.#process.line());
  }

  /** Lets go what is held; resolves when the maker has ended with 0. */
  async finish(): Promise<void> {
    await this.#process.finish();
    rmSync(this.#directory, { recursive: true });
  }
}

function parseMade(line: string): Made {
  return JSON.parse(line) as Made;
}

function optionArguments(options: MakerOptions): string[] {
  const args: string[] = [];
  const add = (flag: string, value: string | number | undefined): void => {
    if (value !== undefined) args.push(flag, String(value));
  };
  add('--comm', options.comm);
  add('--count', options.count);
  add('--code', options.code);
  add('--signal', options.signal);
  add('--others', options.others);
  add('--uid', options.uid);
  add('--gid', options.gid);
  add('--name', hex(options.name));
  add('--second-name', hex(options.secondName));
  if (options.core === true) args.push('--core');
  if (options.program) args.push('--', ...options.program);
  return args;
}

function hex(name: string | Uint8Array | undefined): string | undefined {
  return name === undefined ? undefined : Buffer.from(name).toString('hex');
}
