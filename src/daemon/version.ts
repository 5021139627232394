// Daemon: what this build is.
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

function read(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(new URL(file, root), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const VERSION = String(read('package.json')['version'] ?? 'unknown');
/** The commit that was built; the build writes it. */
export const REVISION = String(read('dist/build.json')['revision'] ?? 'unknown');
