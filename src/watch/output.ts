// Watch: standard output. Lines in; written in large pieces, as fast as the reader takes them, and no faster: what waits
// here is bounded, and who adds more waits.
import type { Writable } from 'node:stream';

/** What a pipe of Linux holds. More at once makes nothing faster. */
const PIECE = 65_536;
/** A reader that takes nothing for so long is not waited for, once a signal or a time wants us to end. */
const GRACE_MS = 500;

export interface OutputOptions {
  readonly stream: Writable;
  /** The end is not to wait long for the reader. */
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
  #text = '';
  #writing: Promise<void> | undefined;
  #scheduled = false;
  #hurried = false;
  #late = false;
  #timer: NodeJS.Timeout | undefined;
  /** Goes on without the reader. */
  #release = (): void => {};

  constructor({ stream, hurry, closed }: OutputOptions) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') this.gone = true;
      else this.error ??= error;
      closed();
    });
    const limit = (): void => {
      this.#hurried = true;
      if (this.#writing !== undefined) this.#limit();
    };
    hurry.addEventListener('abort', limit, { once: true });
  }

  /** Whether the adder must wait for flush(). Still true after that: nobody takes it any more. */
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

  /** Resolves when all that was added is the reader's, or it has had its time. */
  async flush(): Promise<void> {
    while (!this.#late && (this.#writing !== undefined || this.#text !== '')) {
      this.#writing ??= this.#write();
      await this.#writing;
    }
  }

  /** As flush, at the end; false when the reader has not taken all in its time. */
  async finish(): Promise<boolean> {
    await this.flush();
    return this.#text === '' && this.#stream.writableLength === 0;
  }

  async #write(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await new Promise<void>((resolve) => {
      this.#release = resolve;
      if (this.#hurried) this.#limit();
      this.#stream.write(text, () => resolve());
    });
    clearTimeout(this.#timer);
    this.#writing = undefined;
  }

  /** Of the piece that is on its way. */
  #limit(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#release();
    }, GRACE_MS);
  }
}
