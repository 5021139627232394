// Native tests under sanitizers. Input: native/test/*_test.{cc,c}. Output: one line a program; exit 1 on any failure.
// Plain programs without Node: *_threads_test.cc runs under TSan, every other under ASan and UBSan.
// C programs are C11. A test's first line names what it is linked with: `// sources: native/parse.cc native/ledger.cc`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const FOLDER = 'native/test';
const OUTPUT = 'build/native-tests';
const TIME_LIMIT_MS = 120_000; // a program that hangs must not hang the whole run
const FLAGS = ['-Wall', '-Wextra', '-Werror', '-O1', '-g', '-pthread', '-I.'];
const THREAD_SANITIZER = ['-fsanitize=thread'];
const MEMORY_SANITIZERS = [
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  '-fno-omit-frame-pointer',
];

const wanted = process.argv.slice(2);
const tests = (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
  .filter((name) => /_test\.cc?$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .toSorted();

mkdirSync(OUTPUT, { recursive: true });
const failures = tests.filter((name) => !passes(name));
const passed = tests.length - failures.length;
process.stdout.write(`native: ${passed} passed, ${failures.length} failed\n`);
writeFileSync(`${OUTPUT}/result.json`, JSON.stringify({ passed, failed: failures.length }));
if (tests.length === 0) process.stdout.write(`no test program in ${FOLDER} is so named\n`);
if (failures.length > 0 || tests.length === 0) process.exitCode = 1;

function passes(name) {
  const program = join(OUTPUT, basename(name, extname(name)));
  const source = join(FOLDER, name);
  const sanitizers = name.endsWith('_threads_test.cc') ? THREAD_SANITIZER : MEMORY_SANITIZERS;
  const compiler = name.endsWith('.c')
    ? [process.env.CC || 'gcc', '-std=c11', '-D_GNU_SOURCE']
    : [process.env.CXX || 'g++', '-std=c++20'];
  const command = [...compiler, ...FLAGS, ...sanitizers, source, ...linkedSources(source)];
  const ok = run([...command, '-o', program]) && run([program]);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}\n`);
  return ok;
}

function linkedSources(source) {
  const [first = ''] = readFileSync(source, 'utf8').split('\n', 1);
  const named = /^\/\/ sources:(.*)$/.exec(first)?.[1];
  if (named === undefined) throw new Error(`${source}: the first line must be "// sources: ..."`);
  return named.trim().split(/\s+/).filter(Boolean);
}

function run([command, ...args]) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: TIME_LIMIT_MS });
  if (result.status === 0) return true;
  process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const end = result.error?.message ?? result.signal ?? `exit code ${result.status}`;
  process.stdout.write(`${command}: ${end}\n`);
  return false;
}
