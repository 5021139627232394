// HTTP: one summary for all who look at about the same time. In: the summary. Out: JSON, compressed or not.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface Summary {
  /** A SummaryReport. */
  report(): object;
}

interface Shared {
  readonly text: Buffer;
  compressed?: Promise<Buffer>;
}

const compress = promisify(gzip);

/** ms. Half of what a page waits before it asks again: nobody sees one twice. */
const SHARED_FOR = 500;
/** Of zlib's levels: one more costs half a millisecond of another thread, twice a second at most. */
const LEVEL = 6;

export class SummaryAnswers {
  readonly #summary: Summary;
  #shared: Shared | undefined;

  constructor(summary: Summary) {
    this.#summary = summary;
  }

  async body(gzipped: boolean): Promise<Buffer> {
    const shared = (this.#shared ??= this.#make());
    return gzipped ? (shared.compressed ??= compress(shared.text, { level: LEVEL })) : shared.text;
  }

  /** While nobody looks there is none. */
  #make(): Shared {
    setTimeout(() => (this.#shared = undefined), SHARED_FOR).unref();
    return { text: Buffer.from(JSON.stringify(this.#summary.report())) };
  }
}
