// Content hashes of inputs, and the stamp files that remember them. Input: paths. Output: a hex digest.
// Contents rather than times: git, cp and clock changes make times lie.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every regular file under the paths that exist, sorted, without what `skip` refuses. */
export function filesUnder(paths, skip = () => false) {
  const found = [];
  const visit = (path) => {
    if (skip(path)) return;
    if (!statSync(path).isDirectory()) found.push(path);
    else for (const name of readdirSync(path)) visit(join(path, name));
  };
  for (const path of paths) if (existsSync(path)) visit(path);
  return found.sort();
}

export function fingerprint(files, extra = []) {
  const hash = createHash('sha256');
  for (const word of extra) hash.update(`${word}\0`);
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

export function stampHolds(stamp, digest) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

export function dropStamp(stamp) {
  rmSync(stamp, { force: true });
}

export function writeStamp(stamp, digest) {
  writeFileSync(stamp, digest);
}
