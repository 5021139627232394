// The daemon on every kernel that it is meant for, from the oldest that is supported by anybody to the newest, and its
// Debian package under systemd: a fresh boot each. VM_BOOTS=5.10,package chooses some.
import { makeDisks } from './disks.ts';
import { retellBoot } from './guests.ts';
import { boot, type Boot, type Guest } from './machine.ts';
import { makePackages } from './packages.ts';
import { describeUnless, lacking } from '../harness/requirements.ts';

interface Planned extends Guest {
  readonly name: string;
  readonly title: string;
  readonly series: string;
}

const KERNELS = ['5.10', '6.1', '6.12', '6.18', '7.3'].map((series) => ({
  name: series,
  title: `Linux ${series}`,
  series,
  tests: ['test/vm/guest/kernel.test.ts'],
}));
/** The longest first. On what Debian 12 has: its kernel, its systemd. */
const ALL: readonly Planned[] = [
  {
    name: 'package',
    title: 'the package under systemd, on Linux 6.1',
    series: '6.1',
    tests: ['test/vm/guest/package.test.ts'],
    systemd: true,
  },
  ...KERNELS,
];
const chosen = process.env['VM_BOOTS']?.split(',');
const planned = ALL.filter(({ name }) => chosen?.includes(name) ?? true);
/**
 * A VM's vitest is one thread most of the time, and CI has two cores. A kernel's tests take it 110 s on a core of its own,
 * and 50 s more before 6.6, of silence; the disks take 70 s once, when there are none yet.
 */
const AT_ONCE = 2;

const reason = lacking(['vm']);
const boots = reason === undefined ? await bootAll() : [];
for (const [index, { title }] of planned.entries())
  describeUnless(reason, title, () => retellBoot(boots[index]));

async function bootAll(): Promise<Boot[]> {
  makePackages();
  const disks = await makeDisks([...new Set(planned.map(({ series }) => series))]);
  const done: Boot[] = [];
  const waiting = [...planned.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, guest] = next;
      done[index] = await boot(disks, guest);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}
