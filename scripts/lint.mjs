// All static checks. Input: the tree. Output: what they found; exit 1 when any found something.
// Every check runs even when an earlier one failed, so that one run shows all there is to mend.
import { spawnSync } from 'node:child_process';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './build/fingerprint.mjs';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const failed = [];

// What runs in a browser knows other globals than what runs in Node.
for (const project of ['tsconfig.test.json', 'src/page', 'test/browser']) {
  const args = ['-p', project, '--noEmit', '--pretty', 'false'];
  check(`types of ${project}`, 'node_modules/.bin/tsc', args);
}
check('oxlint', 'node_modules/.bin/oxlint', ['--deny-warnings']);
check('prettier', 'node_modules/.bin/prettier', ['--check', '--log-level=warn', '.']);
checkClangFormat();

if (failed.length > 0) {
  process.stderr.write(`lint failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

function check(name, command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) failed.push(name);
}

function checkClangFormat() {
  const sources = filesUnder(['native', 'test', 'bench']).filter((f) => /\.(cc|c|h)$/.test(f));
  if (sources.length === 0) return;
  if (spawnSync('clang-format', ['--version']).status === 0) {
    const args = ['--dry-run', '-Werror'];
    const wrong = sources.filter((f) => spawnSync('clang-format', [...args, f]).status !== 0);
    if (wrong.length === 0) return;
    process.stdout.write(`not formatted (npm run format): ${wrong.join(' ')}\n`);
    failed.push('clang-format');
    return;
  }
  process.stdout.write('skipped clang-format: not installed (`apt install clang-format`)\n');
  if (process.env.PROCEVENTS_REQUIRE_ALL === '1') failed.push('clang-format (not installed)');
}
