// Library: names of signals. A signal's number on this machine in; its name, as kill -l knows it, out.
import { constants } from 'node:os';

/** The kernel has 64 (_NSIG); glibc keeps the first two of the real-time ones to itself. */
const FIRST_REAL_TIME = 34;
const LAST = 64;

const NAMES = new Map<number, string>();
// Of two names for one number the first is the usual one.
for (const [name, number] of Object.entries(constants.signals)) {
  if (!NAMES.has(number)) NAMES.set(number, name);
}
for (let number = FIRST_REAL_TIME; number <= LAST; number++) {
  const further = number - FIRST_REAL_TIME;
  NAMES.set(number, further === 0 ? 'SIGRTMIN' : `SIGRTMIN+${further}`);
}

export function signalName(number: number): string {
  return NAMES.get(number) ?? `SIG${number}`;
}
