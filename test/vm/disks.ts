// What a test VM boots from. Input: kernel series, the clone as it is built. Output: paths of kernels and disks, in
// build/vm.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { compileAll, root } from '../harness/programs.ts';
import { PACKAGES } from './packages.ts';

const run = promisify(execFile);
const STATE = path.join(root, 'build', 'vm');
/** All that the tests inside need, twice: node_modules grows. */
const PROJECT_SIZE = '600M';
const PROJECT = [
  'package.json',
  'tsconfig.json',
  'tsconfig.test.json',
  'dist',
  'src',
  'test',
  'bench/storm.c',
  'node_modules',
  'build/Release/procevents.node',
  'build/test-programs',
  PACKAGES,
];

export interface Disks {
  readonly root: string;
  readonly project: string;
  /** Directory with vmlinuz and initrd. */
  kernel(series: string): string;
}

export async function makeDisks(series: readonly string[]): Promise<Disks> {
  await run(path.join(root, 'test', 'vm', 'image.sh'), [STATE, ...series]);
  compileAll();
  return {
    root: path.join(STATE, 'root.ext4'),
    project: projectDisk(),
    kernel: (each) => path.join(STATE, 'kernels', each),
  };
}

function projectDisk(): string {
  const disk = path.join(STATE, 'project.ext4');
  const tree = mkdtempSync(path.join(STATE, 'project-'));
  for (const each of PROJECT) {
    mkdirSync(path.dirname(path.join(tree, each)), { recursive: true });
    // Links: 270 MB of node_modules are not copied twice.
    execFileSync('cp', ['-al', path.join(root, each), path.join(tree, each)]);
  }
  rmSync(disk, { force: true });
  const options = ['-q', '-t', 'ext4', '-O', '^has_journal', '-m', '0', '-d', tree];
  execFileSync('mke2fs', [...options, disk, PROJECT_SIZE], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(tree, { recursive: true });
  return disk;
}
