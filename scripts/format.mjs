// Formats the whole tree in place: prettier, and clang-format where it is installed.
import { spawnSync } from 'node:child_process';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './build/fingerprint.mjs';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const sources = filesUnder(['native', 'test', 'bench']).filter((f) => /\.(cc|c|h)$/.test(f));
run('node_modules/.bin/prettier', ['--write', '--log-level=warn', '.']);
if (sources.length > 0) run('clang-format', ['-i', ...sources]);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) process.exitCode = 1;
}
