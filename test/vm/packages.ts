// The Debian packages that a test VM installs. Input: the clone. Output: in build/vm/packages, one as it is, and one of a
// higher version.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../harness/programs.ts';

export const PACKAGES = 'build/vm/packages';

export function makePackages(): void {
  const folder = path.join(root, PACKAGES);
  mkdirSync(folder, { recursive: true });
  const built = run(process.execPath, 'scripts/deb.mjs').trim();
  copyFileSync(path.join(root, built), path.join(folder, 'first.deb'));
  const tree = mkdtempSync(path.join(folder, 'tree-'));
  run('dpkg-deb', '--raw-extract', built, tree);
  // The same code, which tells another version: so that it shows in /metrics which of the two runs.
  edit(path.join(tree, 'usr/lib/procevents-exporter/package.json'), /("version": "[^"]+)/, '$1.1');
  edit(path.join(tree, 'DEBIAN/control'), /^(Version: [^-]+)/m, '$1.1');
  const upgrade = path.join(folder, 'upgrade.deb');
  run('dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, upgrade);
  rmSync(tree, { recursive: true });
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function edit(file: string, what: RegExp, by: string): void {
  const text = readFileSync(file, 'utf8');
  const edited = text.replace(what, by);
  if (edited === text) throw new Error(`${file} has no ${what.source}`);
  writeFileSync(file, edited);
}
