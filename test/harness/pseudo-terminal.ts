// A command in a terminal of its own, with a keyboard and a size. Input: a command. Output: what it wrote, its screen, how
// it ended and whether it gave the terminal back.
import path from 'node:path';
import { deferred } from './deferred.ts';
import { LineProcess } from './line-process.ts';
import { root } from './programs.ts';

const HELPER = path.join(root, 'test', 'harness', 'terminal.py');
const ALTERNATE = '\u001b[?1049h';
const MAIN = '\u001b[?1049l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const HOME = '\u001b[H';
// oxlint-disable-next-line no-control-regex -- that is what they are
const SEQUENCE = /\u001b\[[0-?]*[ -/]*[@-~]/g;

export interface TerminalEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Its modes are what they were; null after a hang-up. */
  readonly restored: boolean | null;
}

interface Told {
  readonly pid?: number;
  readonly out?: string;
  readonly stopped?: number;
  readonly restored?: boolean;
  readonly ended?: TerminalEnd;
}

export class PseudoTerminal {
  /** All that it wrote. */
  text = '';
  /** Whether the modes were the old ones at each stop. */
  readonly stops: boolean[] = [];
  readonly ended: Promise<TerminalEnd>;
  readonly #process: LineProcess;
  readonly #pid = deferred<number>();

  constructor(
    command: readonly string[],
    o: {
      readonly columns?: number;
      readonly rows?: number;
      readonly environment?: NodeJS.ProcessEnv;
    } = {},
  ) {
    const { columns = 80, rows = 24 } = o;
    const end = deferred<TerminalEnd>();
    this.ended = end.promise;
    const args = [HELPER, String(columns), String(rows), ...command];
    this.#process = new LineProcess('python3', args, {
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '', ...o.environment },
      onLine: (line) => {
        const told = JSON.parse(line) as Told;
        if (told.pid !== undefined) this.#pid.resolve(told.pid);
        if (told.out !== undefined) this.text += Buffer.from(told.out, 'hex').toString();
        if (told.stopped !== undefined) this.stops.push(told.restored ?? false);
        if (told.ended !== undefined) end.resolve(told.ended);
      },
    });
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.#pid.promise, signal);
  }

  type(keys: string): void {
    this.#process.say(`type ${Buffer.from(keys).toString('hex')}`);
  }

  resize(columns: number, rows: number): void {
    this.#process.say(`size ${columns} ${rows}`);
  }

  hangUp(): void {
    this.#process.say('hangup');
  }

  /** Frames begun so far. */
  get frames(): number {
    return this.text.split(HOME).length - 1;
  }

  /** The lines of the last whole frame, without colours. */
  get screen(): string[] {
    const [frame = ''] = this.text.split(HOME).slice(-1);
    return frame
      .replaceAll(SEQUENCE, '')
      .split('\r\n')
      .map((line) => line.replaceAll('\r', ''));
  }

  /** Whether it is on the main screen with a cursor, as it was in the beginning. */
  get isMain(): boolean {
    const last = (what: string): number => this.text.lastIndexOf(what);
    return last(MAIN) >= last(ALTERNATE) && last(SHOW_CURSOR) >= last(HIDE_CURSOR);
  }

  /** What was written to the main screen after the last frame. */
  get after(): string {
    return this.text.slice(this.text.lastIndexOf(MAIN) + MAIN.length);
  }
}
