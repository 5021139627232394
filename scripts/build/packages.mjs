// Stage 1 of the build. Input: package-lock.json. Output: node_modules that hold what the lock says.
import { existsSync, readFileSync } from 'node:fs';
import { runQuietly } from './failure.mjs';

/** npm writes this file last, so it is also the mark of an install that ended well. */
const INSTALLED = 'node_modules/.package-lock.json';

export function isFresh() {
  if (!existsSync(INSTALLED)) return false;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const installed = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // Packages for other machines (another cpu or libc) are rightly absent.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

export function build() {
  process.stderr.write('procevents-exporter: installing packages\n');
  // Dev packages hold the compiler, whatever NODE_ENV says; no package's script needs to run.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const failure = 'npm ci failed. Make the npm registry reachable and run this again.';
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) runQuietly(process.execPath, [cli, ...args], { failure });
  else runQuietly('npm', args, { failure });
}
