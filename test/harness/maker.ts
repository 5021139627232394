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
  readonly #process: LineProcess;
  readonly #directory: string;
  #made: Made | undefined;

  /** It runs, and has neither renamed itself nor made anything. */
  constructor(situation: string, options: MakerOptions = {}) {
    this.#directory = mkdtempSync(path.join(tmpdir(), 'procevents-cores-'));
    const args = [situation, ...optionArguments(options)];
    this.#process = new LineProcess(program('events'), args, { cwd: this.#directory });
  }

  static async start(situation: string, options: MakerOptions = {}): Promise<Maker> {
    const maker = new Maker(situation, options);
    await maker.round();
    return maker;
  }

  /** Makes the situation once, and has ended. */
  static async perform(situation: string, options: MakerOptions = {}): Promise<Maker> {
    const maker = await Maker.start(situation, options);
    await maker.finish();
    return maker;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What the last round made. */
  get made(): Made {
    if (!this.#made) throw new Error('nothing is made yet');
    return this.#made;
  }

  /** Makes the situation, once more. */
  async round(): Promise<Made> {
    this.#process.say('');
    this.#made = JSON.parse(await this.#process.line()) as Made;
    return this.#made;
  }

  /** Lets go what is held; resolves when the maker has ended with 0. */
  async finish(): Promise<void> {
    await this.#process.finish();
    rmSync(this.#directory, { recursive: true });
  }
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
