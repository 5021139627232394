// The addon inside the npm package. Input: the clone. Output: prebuilds/, by which `npm install` needs no compiler;
// with --remove, after packing, none: in a clone the addon is that of build/, and no older one may stand in for it.
// One addon serves every Node from 20 on (Node-API 9). Elsewhere (another CPU or C library) npm compiles native/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { run as build } from './build/steps.mjs';

const BUILT = 'build/Release/procevents.node';

build(); // also makes the root of the clone the working directory
rmSync('prebuilds', { recursive: true, force: true });
if (!process.exitCode && process.argv[2] !== '--remove') {
  // The name is how node-gyp-build finds it.
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  const folder = `prebuilds/${process.platform}-${process.arch}`;
  const addon = `${folder}/procevents-exporter.${libc}.node`;
  mkdirSync(folder, { recursive: true });
  copyFileSync(BUILT, addon);
  spawnSync('strip', ['--strip-unneeded', addon]); // smaller, and no worse where it fails
}
