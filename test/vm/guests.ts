// Test files that run inside a VM, as tests of this run. Input: a machine, booted. Output: one test for each test inside,
// with its outcome, and one that says that the VM came to its end.
/* oxlint-disable vitest/valid-title, vitest/expect-expect, vitest/no-disabled-tests,
   vitest/no-conditional-tests -- the tests stand in the report from inside */
import { test } from 'vitest';
import type { Boot, GuestTest } from './machine.ts';

/** What is left of a console, at most: the end tells. */
const TAIL = 4000;

/** Call it in a describe. */
export function retellBoot(boot: Boot | undefined): void {
  const files = boot?.report?.testResults ?? [];
  test(`runs its tests to their end (${boot?.seconds} s)`, () => {
    // A file that does not load has a message and no tests.
    const broken = files.filter(({ assertionResults }) => assertionResults.length === 0);
    if (files.length > 0 && broken.length === 0) return;
    const said = [boot?.console, boot?.printed].map((text) => text?.slice(-TAIL));
    throw new Error(
      [...broken.map(({ name, message }) => `${name}: ${message}`), ...said].join('\n'),
    );
  });
  for (const { assertionResults } of files) for (const each of assertionResults) retell(each);
}

function retell({ ancestorTitles, title, status, failureMessages }: GuestTest): void {
  const name = [...ancestorTitles, title].join(' > ');
  if (status === 'passed' || status === 'failed') {
    test(name, () => {
      if (status === 'failed') throw new Error(failureMessages.join('\n'));
    });
  } else {
    test.skip(name, () => {});
  }
}
