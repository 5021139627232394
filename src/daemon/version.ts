// Daemon: what this build is.
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

function read(file: string, field: string): string {
  let value: unknown;
  try {
    value = (JSON.parse(readFileSync(new URL(file, root), 'utf8')) as Record<string, unknown>)[
      field
    ];
  } catch {
    value = undefined;
  }
  return typeof value === 'string' ? value : 'unknown';
}

export const VERSION = read('package.json', 'version');
/** The commit that was built; the build writes it. */
export const REVISION = read('dist/build.json', 'revision');
