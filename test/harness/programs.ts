// The C and C++ programs of the tests. Input: test/programs/*.c, bench/storm.c, native/test/parse_lines.cc. Output: binaries in
// build/test-programs/, compiled when missing or older than a source.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const output = path.join(root, 'build', 'test-programs');

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-pthread'];
const CXX_FLAGS = ['-std=c++20', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-pthread'];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const events = ['events', 'processes', 'threads', 'identity', 'execs'];
const bare = ['-static', '-nostdlib', '-ffreestanding', '-fno-stack-protector'];

const nothingAs = (uid: number) =>
  ({
    sources: ['test/programs/nothing.c'],
    flags: [...FLAGS, ...bare, `-DREAL_UID=${uid}`],
  }) as const;

/** Where the running Node's headers lie: see scripts/build/native.mjs. */
const prefix = path.resolve(process.execPath, '../..');
const HEADERS = [prefix, path.join(prefix, `node_modules/node-linux-${process.arch}`)].map(
  (folder) => `-I${folder}/include/node`,
);

const PROGRAMS = {
  judge: { sources: ['test/programs/judge.c'], flags: FLAGS },
  events: { sources: events.map((name) => `test/programs/${name}.c`), flags: FLAGS },
  linger: { sources: ['test/programs/linger.c'], flags: FLAGS },
  nothing: { sources: ['test/programs/nothing.c'], flags: [...FLAGS, ...bare] },
  'nothing-61001': nothingAs(61_001),
  'nothing-61002': nothingAs(61_002),
  burn: { sources: ['test/programs/burn.c'], flags: FLAGS },
  impostor: { sources: ['test/programs/impostor.c'], flags: FLAGS },
  notified: { sources: ['test/programs/notified.c'], flags: FLAGS },
  hush: { sources: ['test/programs/hush.c'], flags: FLAGS },
  freeze: { sources: ['test/programs/freeze.c'], flags: FLAGS },
  fleet: { sources: ['test/programs/fleet.c'], flags: FLAGS },
  storm: { sources: ['bench/storm.c'], flags: FLAGS },
  'datagrams.node': {
    sources: ['test/programs/datagrams.c'],
    flags: [...FLAGS, '-D_GNU_SOURCE', '-shared', '-fPIC', ...HEADERS],
  },
  'parse-lines': {
    sources: ['native/test/parse_lines.cc', 'native/parse.cc'],
    flags: [...CXX_FLAGS, ...SANITIZERS],
  },
  // For where another C library is.
  'storm-static': { sources: ['bench/storm.c'], flags: [...FLAGS, '-static'] },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

const compiled = new Map<ProgramName, string>();

/** The path of a program that is up to date. */
export function program(name: ProgramName): string {
  let binary = compiled.get(name);
  if (binary === undefined) {
    binary = path.join(output, name);
    if (isStale(name, binary)) compile(name, binary);
    compiled.set(name, binary);
  }
  return binary;
}

/** For machines that have no compiler. */
export function compileAll(): void {
  for (const name of Object.keys(PROGRAMS) as ProgramName[]) program(name);
}

/** A copy of a program under another file name, which becomes its comm; and who removes it. */
export class ProgramCopies {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'procevents-test-'));

  add(name: ProgramName, as: string): string {
    const copy = path.join(this.directory, as);
    copyFileSync(program(name), copy);
    return copy;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

let uniques = 0;

/** A comm that no other process of this host has: tests find their own events by it. */
export function uniqueComm(): string {
  uniques += 1;
  return `t${process.pid.toString(36)}-${Date.now().toString(36).slice(-4)}-${uniques.toString(36)}`;
}

function isStale(name: ProgramName, binary: string): boolean {
  const built = statSync(binary, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const own = PROGRAMS[name].sources;
  // A virtual machine has the programs in C, and nothing of native/.
  const shared = own[0].endsWith('.cc')
    ? ['native/parse.h', 'native/record.h']
    : ['test/programs/maker.h', 'test/programs/connector.h'];
  const sources = [...own, ...shared, 'test/harness/programs.ts'];
  return sources.some((source) => statSync(path.join(root, source)).mtimeMs > built);
}

// Renamed into place, so that a build beside this one never runs half a program.
function compile(name: ProgramName, binary: string): void {
  const { sources, flags } = PROGRAMS[name];
  const fresh = `${binary}.${process.pid}`;
  mkdirSync(output, { recursive: true });
  const compiler = sources[0].endsWith('.cc') ? 'g++' : 'cc';
  execFileSync(compiler, [...flags, ...sources, '-o', fresh], { cwd: root, stdio: 'inherit' });
  renameSync(fresh, binary);
}
