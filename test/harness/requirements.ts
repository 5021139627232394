// What a test needs of the machine. Input: needs. Output: a suite that runs, is skipped with the
// reason, or fails because PROCEVENTS_REQUIRE_ALL=1 allows no skip.
/* oxlint-disable vitest/valid-title, vitest/valid-describe-callback, vitest/no-disabled-tests,
   vitest/expect-expect, vitest/no-conditional-tests -- this file decides whether a suite runs */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { program } from './programs.ts';

export type Need =
  | 'core-files'
  | 'events'
  | 'go'
  | 'kubectl'
  | 'openssl'
  | 'prlimit'
  | 'prometheus'
  | 'promtool'
  | 'setpriv'
  | 'stress-ng'
  | 'unshare';

const REASONS: Record<Need, string> = {
  events: 'process events: root in the first user, pid and network namespace',
  'core-files': 'a core_pattern that is a file name, and a hard core limit above 0',
  prometheus: 'prometheus (Debian: prometheus)',
  openssl: 'openssl (Debian: openssl)',
  prlimit: 'prlimit (Debian: util-linux)',
  go: 'go and what Helm renders with (Debian: golang-go, golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev)',
  kubectl: 'kubectl (Debian: kubernetes-client)',
  promtool: 'promtool (Debian: prometheus)',
  setpriv: 'setpriv (Debian: util-linux)',
  'stress-ng': 'stress-ng (Debian: stress-ng)',
  unshare: 'unshare (Debian: util-linux)',
};

const known = new Map<Need, boolean>();

export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const missing = needs.filter((need) => !isThere(need)).map((need) => REASONS[need]);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = `needs ${missing.join('; ')}`;
  if (process.env['PROCEVENTS_REQUIRE_ALL'] === '1') {
    test(name, () => {
      throw new Error(reason);
    });
    return;
  }
  process.stdout.write(`skipped: ${name}: ${reason}\n`);
  describe.skip(`${name} (${reason})`, body);
}

function isThere(need: Need): boolean {
  let there = known.get(need);
  if (there === undefined) {
    there = look(need);
    known.set(need, there);
  }
  return there;
}

function look(need: Need): boolean {
  if (need === 'events') return spawnSync(program('judge'), { input: '' }).status === 0;
  if (need === 'core-files') return writesCoreFiles();
  if (need === 'go') return answers('go') && existsSync('/usr/share/gocode/src/sigs.k8s.io/yaml');
  return answers(need);
}

function answers(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}

function writesCoreFiles(): boolean {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max core file size +\S+ +(\S+)/m.exec(limits)?.[1];
  return pattern !== '' && !pattern.startsWith('|') && hard !== '0';
}
