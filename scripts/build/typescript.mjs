// Stage 3 of the build. Input: src/, tsconfig.json, uplot. Output: dist/, with nothing of deleted sources.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { runQuietly } from './failure.mjs';
import { filesUnder, fingerprint, stampHolds, writeStamp } from './fingerprint.mjs';

const STAMP = 'dist/.stamp';

export function isFresh() {
  return existsSync(STAMP) && stampHolds(STAMP, digest());
}

export function build() {
  const wanted = digest(); // taken first: an edit made during the build makes the result stale
  rmSync('dist', { recursive: true, force: true });
  compile('.');
  compile('src/page');
  layOutPage();
  chmodSync('dist/main.js', 0o755); // it is the command
  writeFileSync('dist/build.json', JSON.stringify({ revision: revision() }));
  writeStamp(STAMP, wanted);
}

function compile(project) {
  const args = ['node_modules/typescript/bin/tsc', '-p', project, '--pretty', 'false'];
  runQuietly(process.execPath, args, {
    failure: 'compiling TypeScript failed; the compiler says above why.',
  });
}

/** What the browser gets beside our own code. It is served from dist/page, and from nowhere else. */
function layOutPage() {
  for (const file of ['page.html', 'icon.svg']) {
    copyFileSync(`src/page/${file}`, `dist/page/${file}`);
  }
  const uplot = 'node_modules/uplot';
  const styles = [`${uplot}/dist/uPlot.min.css`, 'src/page/page.css'];
  writeFileSync('dist/page/page.css', styles.map((file) => readFileSync(file, 'utf8')).join('\n'));
  // Only the script for the global scope comes minified; a module it is by one more line. Its licence goes with each copy.
  const licence = readFileSync(`${uplot}/LICENSE`, 'utf8').trim();
  const script = readFileSync(`${uplot}/dist/uPlot.iife.min.js`, 'utf8').trim();
  writeFileSync('dist/page/uplot.js', `/*!\n${licence}\n*/\n${script}\nexport default uPlot;\n`);
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
