// Fuzzing of the C++ parsers by libFuzzer. Input: native/test/*_fuzz.cc, and native/test/corpus/<name>/, which is in the
// repository. Output: exit 1 when one crashes, with the input that did it in build/fuzz/.
// node scripts/fuzz.mjs [--seconds N] [--grow] [NAME ...]; --grow adds to the corpus, minimized, what reaches new code.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const FOLDER = 'native/test';
const OUTPUT = 'build/fuzz';
const FLAGS = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-O1', '-g', '-I.'];
const SANITIZERS = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'];

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    grow: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

if (spawnSync('clang++', ['--version']).status === 0) {
  mkdirSync(OUTPUT, { recursive: true });
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('_fuzz.cc'))
    .map((file) => file.replace('_fuzz.cc', ''))
    .filter((name) => positionals.length === 0 || positionals.includes(name));
  if (names.length === 0 || !names.every(fuzz)) process.exitCode = 1;
} else {
  process.stdout.write('skipped fuzzing: clang++ is not installed (`apt install clang`)\n');
  if (process.env.PROCEVENTS_REQUIRE_ALL === '1') process.exitCode = 1;
}

function fuzz(name) {
  const source = `${FOLDER}/${name}_fuzz.cc`;
  const program = `${OUTPUT}/${name}_fuzz`;
  const corpus = `${FOLDER}/corpus/${name}`;
  const found = `${OUTPUT}/corpus-${name}`;
  const sources = /^\/\/ sources:(.*)$/m.exec(readFileSync(source, 'utf8'))[1].trim().split(/\s+/);
  mkdirSync(found, { recursive: true });
  const built = run('clang++', [...FLAGS, ...SANITIZERS, source, ...sources, '-o', program]);
  // New inputs go into the first folder, so the one in the repository stays as it is.
  const limits = [`-max_total_time=${values.seconds}`, '-max_len=1024', '-timeout=5'];
  const prefix = `-artifact_prefix=${OUTPUT}/`;
  const ok =
    built &&
    run(program, [...limits, prefix, '-verbosity=0', '-print_final_stats=1', found, corpus]);
  if (ok && values.grow) run(program, ['-merge=1', corpus, found]);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} fuzz ${name}, ${values.seconds} s\n`);
  return ok;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) process.stderr.write(`${error.message}\n`);
  return status === 0;
}
