// Watch: the terminal as a screen. Frames in; keys and sizes out. Whatever ends the process, the terminal is as it was:
// leave() is called by the end itself, by every signal that can be caught, and last by the process's exit.
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

const ALTERNATE = '\u001b[?1049h';
const MAIN = '\u001b[?1049l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const RESET = '\u001b[0m';
const HOME = '\u001b[H';
/** Of the line, from the cursor on: before its text, as after a full line it would take the last character. */
const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';

/** A terminal that tells no size is as large as they once were. */
const COLUMNS = 80;
const ROWS = 24;
/** A stop happens in microseconds; in a group that nobody can wake again the kernel refuses it, and we go on. */
const STOP_MS = 50;

export interface TerminalEvents {
  readonly typed: (text: string) => void;
  /** It has another size, or was somebody else's meanwhile. */
  readonly changed: () => void;
}

export class Terminal {
  readonly #input: ReadStream | undefined;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #events: TerminalEvents;
  #entered = false;
  /** After a stop: goes on where nobody stopped us. */
  #stopping: NodeJS.Timeout | undefined;
  /** A frame that the terminal has not taken yet. */
  #drawing = false;

  /** `input`: undefined where no one can type. Opens both: afterwards we may be another user. */
  constructor(o: {
    readonly input: ReadStream | undefined;
    readonly output: WriteStream & { readonly fd: number };
    readonly events: TerminalEvents;
  }) {
    this.#input = o.input;
    this.#output = o.output;
    this.#events = o.events;
  }

  get columns(): number {
    return this.#output.columns || COLUMNS;
  }

  get rows(): number {
    return this.#output.rows || ROWS;
  }

  enter(): void {
    process.on('exit', this.#leave);
    // Before whoever handles it says what has happened.
    process.on('uncaughtExceptionMonitor', this.#leave);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#continued);
    this.#output.on('resize', this.#events.changed);
    this.#input?.setEncoding('utf8').on('data', this.#events.typed);
    this.#take();
  }

  /** Idempotent. */
  leave(): void {
    this.#give();
    clearTimeout(this.#stopping);
    process.off('exit', this.#leave);
    process.off('uncaughtExceptionMonitor', this.#leave);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#continued);
    this.#output.off('resize', this.#events.changed);
    this.#input?.off('data', this.#events.typed).pause();
  }

  /** Lines of at most `columns`, at most `rows`. A terminal that is slower than the frames misses some. */
  draw(lines: readonly string[]): void {
    if (!this.#entered || this.#drawing) return;
    this.#drawing = true;
    const text = lines.map((line) => ERASE_LINE + line).join('\r\n');
    // Below the last line, never from within it.
    const below = lines.length < this.rows ? `\r\n${ERASE_BELOW}` : '';
    this.#output.write(HOME + text + below, () => (this.#drawing = false));
  }

  /** As Ctrl-Z does elsewhere: the whole group stops, npx or sudo before us included. */
  suspend(): void {
    this.#stop(0);
  }

  readonly #leave = (): void => this.leave();

  readonly #suspend = (): void => this.#stop(process.pid);

  /** Whoever had the terminal meanwhile may have changed it. */
  readonly #continued = (): void => {
    clearTimeout(this.#stopping);
    process.off('SIGTSTP', this.#suspend).on('SIGTSTP', this.#suspend);
    this.#give();
    this.#take();
    this.#events.changed();
  };

  /** By the signal's own doing, which is what stops us. */
  #stop(group: number): void {
    this.#give();
    process.off('SIGTSTP', this.#suspend);
    process.kill(group, 'SIGTSTP');
    this.#stopping = setTimeout(this.#continued, STOP_MS);
  }

  #take(): void {
    this.#entered = true;
    this.#drawing = false;
    this.#raw(true);
    this.#output.write(ALTERNATE + HIDE_CURSOR);
  }

  #give(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#raw(false);
    try {
      // Written when this returns: after it the process may be gone.
      writeSync(this.#output.fd, RESET + SHOW_CURSOR + MAIN);
    } catch {
      // Hung up: there is nothing to restore.
    }
  }

  #raw(on: boolean): void {
    try {
      this.#input?.setRawMode(on);
    } catch {
      // Likewise.
    }
  }
}
