// Stage 3 of the build. Input: src/, tsconfig.json. Output: dist/, with nothing of deleted sources.
import { existsSync, rmSync } from 'node:fs';
import { runQuietly } from './failure.mjs';
import { filesUnder, fingerprint, stampHolds, writeStamp } from './fingerprint.mjs';

const STAMP = 'dist/.stamp';

export function isFresh() {
  return existsSync(STAMP) && stampHolds(STAMP, digest());
}

export function build() {
  const wanted = digest(); // taken first: an edit made during the build makes the result stale
  rmSync('dist', { recursive: true, force: true });
  runQuietly(process.execPath, ['node_modules/typescript/bin/tsc', '--pretty', 'false'], {
    failure: 'compiling TypeScript failed; the compiler says above why.',
  });
  writeStamp(STAMP, wanted);
}

function digest() {
  // The lock decides the compiler and the types that the sources are checked against.
  return fingerprint(filesUnder(['src', 'tsconfig.json', 'package-lock.json']));
}
