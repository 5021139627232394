// Web file: from its path to settings. In: a path. Out: settings, proven to work, and stamps that tell when to read again.
import { quoted } from '../errors.ts';
import { readBounded } from './bounded-file.ts';
import { readSchema } from './schema.ts';
import type { WebSettings } from './settings.ts';
import { loadTls } from './tls-material.ts';

export interface Loaded {
  readonly settings: WebSettings;
  /** The file says nothing at all: an editor may be about to write it. */
  readonly empty: boolean;
}

/** By path, of every file that it tried to read: also when it fails. When none of them changes, nothing else would come of it. */
export type Stamps = Map<string, string>;

export async function load(path: string, stamps: Stamps): Promise<Loaded> {
  const text = await readBounded({ path, what: '--web.config.file', stamps });
  const { tls, ...rest } = readSchema(path, text);
  const settings = {
    ...rest,
    tls: tls === undefined ? undefined : await loadTls(path, tls, stamps),
  };
  return { settings, empty: text.trim() === '' };
}

/** Why the server's certificate is worth nothing now; undefined when it is good, or there is none. */
export function certificateProblem(settings: WebSettings, now: number): string | undefined {
  if (settings.tls === undefined) return undefined;
  const { validFrom, validTo, names } = settings.tls;
  const certificate = `the certificate (${quoted(names)})`;
  if (now > validTo) return `${certificate} expired at ${new Date(validTo).toISOString()}`;
  if (now < validFrom) return `${certificate} holds from ${new Date(validFrom).toISOString()} on`;
  return undefined;
}
