// The daemon on every kernel that it is meant for, from the oldest that is supported by anybody to the newest: a fresh
// boot each. VM_KERNELS=5.10,6.1 chooses some.
import { retellBoot } from './guests.ts';
import { describeUnless, lacking } from '../harness/requirements.ts';
import { boot, type Boot } from './machine.ts';
import { makeDisks } from './disks.ts';

const KERNELS = (process.env['VM_KERNELS'] ?? '5.10,6.1,6.12,6.18,7.3').split(',');
const TESTS = (process.env['VM_TESTS'] ?? 'test/vm/guest').split(',');
const AT_ONCE = Number(process.env['VM_AT_ONCE'] ?? 2);
const LIMIT_MS = 10 * 60_000;

const reason = lacking(['vm']);
const boots = reason === undefined ? await bootAll() : [];
for (const [index, kernel] of KERNELS.entries())
  describeUnless(reason, `Linux ${kernel}`, () => retellBoot(boots[index]));

/** Two at a time, as a VM's vitest is one thread most of the time. */
async function bootAll(): Promise<Boot[]> {
  const disks = await makeDisks(KERNELS);
  const done: Boot[] = [];
  const waiting = [...KERNELS.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, kernel] = next;
      done[index] = await boot({
        kernel: disks.kernel(kernel),
        root: disks.root,
        project: disks.project,
        tests: TESTS,
        limitMs: LIMIT_MS,
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}
