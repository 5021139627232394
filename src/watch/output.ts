// Watch: standard output. Lines in; written in large pieces, as fast as the reader takes them, and no faster: what waits
// here is bounded, and who adds more waits.
import type { Writable } from 'node:stream';

/** What a pipe of Linux holds. More at once makes nothing faster. */
const PIECE = 65_536;
/** A reader that has stopped is not waited for longer, once a signal wants us to end. */
const GRACE_MS = 500;

export interface OutputOptions {
  readonly stream: Writable;
  /** Nothing more comes: whoever waits in flush() goes on. */
  readonly ending: AbortSignal;
  /** The end is not to wait for the reader. */
  readonly hurry: AbortSignal;
  /** There is no reader any more. */
  readonly closed: () => void;
}

export class Output {
  /** The reader has what it wanted (head), or the terminal was hung up. */
  gone = false;
  /** Why else it cannot be written. */
  error: NodeJS.ErrnoException | undefined;
  readonly #stream: Writable;
  readonly #ending: AbortSignal;
  readonly #hurry: AbortSignal;
  #text = '';
  #writing: Promise<void> | undefined;
  #scheduled = false;

  constructor(o: OutputOptions) {
    this.#stream = o.stream;
    this.#ending = o.ending;
    this.#hurry = o.hurry;
    o.stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') this.gone = true;
      else this.error ??= error;
      o.closed();
    });
  }

  /** Whether the adder must wait for flush(). */
  get full(): boolean {
    return this.#text.length >= PIECE;
  }

  /** Lines, without the last one's end. Written when this turn of the event loop is over. */
  add(text: string): void {
    this.#text += `${text}\n`;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  /** Resolves when all that was added is the reader's, or we are to end. */
  async flush(): Promise<void> {
    while (!this.#ending.aborted && (this.#writing !== undefined || this.#text !== '')) {
      this.#writing ??= this.#write();
      await this.#writing;
    }
  }

  /** As flush, at the end; false when the reader has not taken all in time. */
  finish(): Promise<boolean> {
    if (this.gone || this.error !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const hurry = (): void => void setTimeout(() => resolve(false), GRACE_MS);
      if (this.#hurry.aborted) hurry();
      else this.#hurry.addEventListener('abort', hurry, { once: true });
      this.#stream.write(this.#text, () => resolve(true));
    });
  }

  async #write(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        this.#ending.removeEventListener('abort', settle);
        resolve();
      };
      this.#ending.addEventListener('abort', settle);
      this.#stream.write(text, settle);
    });
    this.#writing = undefined;
  }
}
