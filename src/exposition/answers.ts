// Exposition: a cut in, the answers that scrapes of it get out: each format rendered once, compressed once.
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Cut } from './cut.ts';
import type { Format } from './format.ts';
import type { ExporterRegistry } from './registry.ts';

const gzip = promisify(gzipCallback);
/** The text shrinks to a twelfth at level 1; higher levels take longer than they save on a network of today. */
const LEVEL = 1;
/** zlib makes its output in parts, each a turn of the event loop. */
const CHUNK_BYTES = 64 * 1024;

export class Answers {
  readonly #registry: ExporterRegistry;
  readonly #cut: Cut;
  readonly #plain = new Map<Format, Promise<Buffer>>();
  readonly #gzipped = new Map<Format, Promise<Buffer>>();

  constructor(registry: ExporterRegistry, cut: Cut) {
    this.#registry = registry;
    this.#cut = cut;
  }

  /** Who asks while it is made shares it. */
  body(format: Format, gzipped: boolean): Promise<Buffer> {
    return gzipped
      ? once(this.#gzipped, format, () => this.#compress(format))
      : once(this.#plain, format, () => this.#registry.expose(this.#cut, format));
  }

  /** In a thread of libuv's pool. */
  async #compress(format: Format): Promise<Buffer> {
    return gzip(await this.body(format, false), { level: LEVEL, chunkSize: CHUNK_BYTES });
  }
}

function once(
  made: Map<Format, Promise<Buffer>>,
  format: Format,
  make: () => Promise<Buffer>,
): Promise<Buffer> {
  let body = made.get(format);
  if (body === undefined) {
    body = make();
    made.set(format, body);
  }
  return body;
}
