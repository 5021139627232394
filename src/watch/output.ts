// Watch: standard output. Lines in; written in large pieces, as fast as the reader takes them, and no faster: what waits
// here is bounded, and who adds more waits.
import type { Writable } from 'node:stream';

/** What a pipe of Linux holds. More at once makes nothing faster. */
const PIECE = 65_536;

export class Output {
  readonly #stream: Writable;
  #text = '';
  #writing: Promise<void> | undefined;
  #scheduled = false;
  /** Resolves when nobody reads any more; rejects when it cannot be written for another reason. */
  readonly ended: Promise<void>;
  #over = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.ended = new Promise((resolve, reject) => {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#over = true;
        // A pipe without a reader, a terminal that was hung up.
        if (error.code === 'EPIPE' || error.code === 'EIO') resolve();
        else reject(error);
      });
    });
    this.ended.catch(() => {});
  }

  /** Whether the adder must wait for flush(). */
  get full(): boolean {
    return this.#text.length >= PIECE;
  }

  add(line: string): void {
    this.#text += `${line}\n`;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        void this.flush();
      });
    }
  }

  /** Resolves when all that was added is the reader's, or there is none. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined || (this.#text !== '' && !this.#over)) {
      this.#writing ??= this.#write();
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await new Promise<void>((resolve) => this.#stream.write(text, () => resolve()));
    this.#writing = undefined;
  }
}
