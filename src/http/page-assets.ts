// HTTP: the live page's files. In: dist/page/, as the build has filled it. Out: their bytes, kept in memory.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ExporterError } from '../errors.ts';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  /** A weak one: it is the same for both encodings. */
  readonly etag: string;
}

export interface PageAssets {
  /** HTML, with PLACEHOLDERS. */
  readonly page: string;
  readonly files: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The same from src/http and from dist/http. */
const FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));

/** Before privilege is dropped: a clone may be root's alone. 100 kB, of which 40 are compressed. */
export function readPageAssets(folder = FOLDER): PageAssets {
  try {
    const files = new Map<string, Asset>();
    for (const name of readdirSync(folder)) {
      const type = TYPES[extname(name)];
      if (type !== undefined) files.set(name, assetOf(type, readFileSync(join(folder, name))));
    }
    return { page: readFileSync(join(folder, 'page.html'), 'utf8'), files };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ExporterError('PROCEVENTS_MODULES', `cannot read its own page (${code})`, {
      cause: error,
    });
  }
}

export function assetOf(type: string, body: Buffer): Asset {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { type, body, gzip: gzipSync(body, { level: 9 }), etag: `W/"${digest}"` };
}
