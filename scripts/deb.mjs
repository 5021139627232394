// Entry of the Debian package. Input: the clone, built. Output: build/deb/procevents-exporter_VERSION_ARCH.deb.
// The same commit gives the same bytes: one time stamp for all files (SOURCE_DATE_EPOCH), sorted, owned by root.
import { renameSync, rmSync } from 'node:fs';
import { BuildFailure, runQuietly } from './build/failure.mjs';
import { run as build } from './build/steps.mjs';
import { writeControl } from './deb/control.mjs';
import { identity } from './deb/identity.mjs';
import { layOut } from './deb/tree.mjs';

build(); // also makes the root of the clone the working directory
if (process.exitCode) process.exit();

const OUTPUT = 'build/deb';
const SCRATCH = `${OUTPUT}/scratch.${process.pid}`;
const ROOT = `${SCRATCH}/root`;

try {
  const id = identity();
  rmSync(SCRATCH, { recursive: true, force: true });
  layOut(ROOT, id);
  writeControl(ROOT, SCRATCH, id);
  const name = `procevents-exporter_${id.version}_${id.architecture}.deb`;
  const options = ['--root-owner-group', '--threads-max=1', '-Zxz'];
  runQuietly('dpkg-deb', [...options, '--build', ROOT, `${SCRATCH}/${name}`], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(id.epoch) },
    failure: 'dpkg-deb failed; it says above why.',
  });
  renameSync(`${SCRATCH}/${name}`, `${OUTPUT}/${name}`); // nobody finds half a package
  process.stdout.write(`${OUTPUT}/${name}\n`);
} catch (error) {
  if (!(error instanceof BuildFailure)) throw error;
  process.stderr.write(`procevents-exporter: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(SCRATCH, { recursive: true, force: true });
}
