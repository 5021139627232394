// What a test needs of the machine. Input: needs. Output: a suite that runs, is skipped with the
// reason, or fails because PROCEVENTS_REQUIRE_ALL=1 allows no skip.
/* oxlint-disable vitest/valid-title, vitest/valid-describe-callback, vitest/no-disabled-tests,
   vitest/expect-expect, vitest/no-conditional-tests -- this file decides whether a suite runs */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { program } from './programs.ts';

export type Need =
  | 'alertmanager'
  | 'chromium'
  | 'containers'
  | 'core-files'
  | 'dpkg'
  | 'events'
  | 'go'
  | 'groff'
  | 'jsonnet'
  | 'kubectl'
  | 'lintian'
  | 'openssl'
  | 'prlimit'
  | 'prometheus'
  | 'promtool'
  | 'setcap'
  | 'setpriv'
  | 'shellcheck'
  | 'stress-ng'
  | 'systemd'
  | 'unshare'
  | 'vm';

/** What test/vm/image.sh, test/vm/machine.ts and npm run deb run. */
const VM_COMMANDS = [
  'qemu-system-x86_64',
  'mmdebstrap',
  'mke2fs',
  'busybox',
  'cpio',
  'depmod',
  'xz',
  'apt-get',
  'dpkg',
  'dpkg-shlibdeps',
  'strip',
  'flock',
];

/** What test/container/image.sh and the tests beside it run. */
const CONTAINER_COMMANDS = ['buildah', 'podman', 'runc', 'mmdebstrap', 'apt-get', 'npm', 'flock'];
/** What npm run deb runs, and who reads what it makes. */
const PACKAGE_COMMANDS = ['dpkg-deb', 'dpkg-shlibdeps', 'strip'];

const REASONS: Record<Need, string> = {
  chromium: 'chromium (Debian: chromium)',
  events: 'process events: root in the first user, pid and network namespace',
  containers: `root, and ${CONTAINER_COMMANDS.join(', ')}`,
  dpkg: `${PACKAGE_COMMANDS.join(', ')} (Debian: dpkg-dev, binutils)`,
  'core-files': 'a core_pattern that is a file name, and a hard core limit above 0',
  alertmanager: 'alertmanager (Debian: prometheus-alertmanager)',
  jsonnet: 'jsonnet (Debian: jsonnet)',
  prometheus: 'prometheus (Debian: prometheus)',
  openssl: 'openssl (Debian: openssl)',
  prlimit: 'prlimit (Debian: util-linux)',
  go: 'go and what Helm renders with (Debian: golang-go, golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev)',
  groff: 'groff (Debian: groff-base)',
  kubectl: 'kubectl (Debian: kubernetes-client)',
  lintian: 'lintian (Debian: lintian)',
  promtool: 'promtool (Debian: prometheus)',
  setcap: 'root, and setcap (Debian: libcap2-bin)',
  setpriv: 'setpriv (Debian: util-linux)',
  shellcheck: 'shellcheck (Debian: shellcheck)',
  'stress-ng': 'stress-ng (Debian: stress-ng)',
  systemd: 'systemd and systemctl 250 or newer, run by root (Debian: systemd)',
  unshare: 'unshare (Debian: util-linux)',
  vm: `root and apt on Debian for x86_64, with ${VM_COMMANDS.join(', ')}`,
};

const known = new Map<Need, boolean>();

export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  describeUnless(lacking(needs), name, body);
}

/** What is missing, in words; undefined when all is there. */
export function lacking(needs: readonly Need[]): string | undefined {
  const missing = needs.filter((need) => !isThere(need)).map((need) => REASONS[need]);
  return missing.length === 0 ? undefined : `needs ${missing.join('; ')}`;
}

/** Without a reason it is a plain describe. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (reason === undefined) {
    describe(name, body);
    return;
  }
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
  if (need === 'systemd') return hasSystemd();
  if (need === 'vm') return makesMachines();
  if (need === 'alertmanager') return answers('prometheus-alertmanager');
  if (need === 'containers') return isRoot() && CONTAINER_COMMANDS.every(answers);
  if (need === 'dpkg') return PACKAGE_COMMANDS.every(answers);
  if (need === 'setcap') return isRoot() && answers('setcap');
  if (need === 'go') return answers('go') && existsSync('/usr/share/gocode/src/sigs.k8s.io/yaml');
  return answers(need);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function answers(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}

/** Another process manager may have made this host; its programs are enough. */
function hasSystemd(): boolean {
  const programs = ['/lib/systemd/systemd', 'systemctl', 'systemd-analyze'];
  return isRoot() && programs.every((name) => spawnSync(name, ['--version']).status === 0);
}

function writesCoreFiles(): boolean {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max core file size +\S+ +(\S+)/m.exec(limits)?.[1];
  return pattern !== '' && !pattern.startsWith('|') && hard !== '0';
}

function makesMachines(): boolean {
  return isRoot() && process.arch === 'x64' && VM_COMMANDS.every(answers);
}
