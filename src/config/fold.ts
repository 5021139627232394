// Configuration: reader of --comm.fold. In: REGEXP=NAME as a user typed it. Out: a fold, or NotAllowed.
import { RE2JS } from 're2js';
import type { Fold } from './config.ts';
import { NotAllowed } from './values.ts';

/** Kernel threads that put a CPU, a pool or a device into their name: hundreds of names on a large host. */
export const DEFAULT_FOLDS: readonly string[] = [
  'kworker/.*=kworker',
  'ksoftirqd/.*=ksoftirqd',
  'migration/.*=migration',
  'cpuhp/.*=cpuhp',
  'irq/.*=irq',
];

// TASK_COMM_LEN without its NUL: a folded name stands where a comm does.
const NAME_BYTES = 15;
// Far above any list of alternatives that a person keeps; RE2 programs grow with it.
const LONGEST = 1000;
// Printable, and written in the label as it is: a backslash would be doubled up there, a leading < is ours.
const NAME = /^(?!<)[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** RE2 (as Prometheus itself has it) matches in linear time, whatever the expression: none can hang the daemon. */
export function fold(text: string): Fold {
  const end = text.lastIndexOf('=');
  const regexp = text.slice(0, Math.max(end, 0));
  const name = text.slice(end + 1);
  if (end < 0 || regexp === '' || regexp.length > LONGEST) {
    throw new NotAllowed(text, `REGEXP=NAME, such as php-fpm.*=php-fpm`);
  }
  if (!NAME.test(name) || name.includes('\\') || Buffer.byteLength(name) > NAME_BYTES) {
    throw new NotAllowed(
      text,
      `REGEXP=NAME with a name of 1 to ${NAME_BYTES} printable bytes, no backslash, and no < at its start`,
    );
  }
  try {
    RE2JS.compile(regexp);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotAllowed(text, `a regular expression as RE2 has it (${why})`);
  }
  return { regexp, name };
}
