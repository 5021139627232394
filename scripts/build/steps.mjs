// The build's order: packages, addon, TypeScript. Input: the tree. Output: each stage fresh, or exit 1.
// When nothing is stale it neither locks nor prints.
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { BuildFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import * as native from './native.mjs';
import * as packages from './packages.mjs';
import * as typescript from './typescript.mjs';

const STAGES = [packages, native, typescript];

export function run() {
  chdir(fileURLToPath(new URL('../..', import.meta.url)));
  try {
    if (STAGES.every((stage) => stage.isFresh())) return;
    withLock('.build-lock', () => {
      // Asked again under the lock: another build may have done the work while this one waited.
      for (const stage of STAGES) if (!stage.isFresh()) stage.build();
    });
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    process.stderr.write(`procevents-exporter: ${error.message}\n`);
    process.exitCode = 1;
  }
}
