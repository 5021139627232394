// What the package is called. Input: package.json, git, the environment. Output: version, architecture, time stamp.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { BuildFailure } from '../build/failure.mjs';

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64', arm: 'armhf', riscv64: 'riscv64' };

export function identity() {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) {
    throw new BuildFailure(`there is no Debian package for ${process.arch}.`);
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  // The packaging's own revision, raised when the same version is packaged again.
  const revision = process.env.DEB_REVISION ?? '1';
  if (!/^[0-9][0-9A-Za-z.+~]*$/.test(revision)) {
    throw new BuildFailure(`DEB_REVISION=${revision} is no Debian revision, such as 1.`);
  }
  return { version: `${version}-${revision}`, upstream: version, architecture, epoch: epoch() };
}

/** Seconds since 1970 of what is packaged: told, or the commit's, or that of an unpacked archive. */
function epoch() {
  const told = process.env.SOURCE_DATE_EPOCH;
  if (told !== undefined && /^\d+$/.test(told)) return Number(told);
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' });
  if (git.status === 0) return Number(git.stdout);
  return Math.floor(statSync('package.json').mtimeMs / 1000);
}
