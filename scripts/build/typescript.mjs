// Stage 3 of the build. Input: src/, tsconfig.json. Output: dist/, with nothing of deleted sources.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  chmodSync('dist/main.js', 0o755); // it is the command
  writeFileSync('dist/build.json', JSON.stringify({ revision: revision() }));
  writeStamp(STAMP, wanted);
}

function digest() {
  // The lock decides the compiler and the types that the sources are checked against.
  const files = filesUnder(['src', 'tsconfig.json', 'package-lock.json']);
  return fingerprint(files, [revision()]);
}

/** The commit that is checked out, for build_info; read from .git, for git itself may not be installed. */
function revision() {
  try {
    const head = readFileSync('.git/HEAD', 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    return revisionOf(head.slice(5));
  } catch {
    return 'unknown'; // no clone: an unpacked archive
  }
}

function revisionOf(ref) {
  try {
    return readFileSync(`.git/${ref}`, 'utf8').trim();
  } catch {
    const line = readFileSync('.git/packed-refs', 'utf8')
      .split('\n')
      .find((packed) => packed.endsWith(` ${ref}`));
    return line === undefined ? 'unknown' : line.split(' ')[0];
  }
}
