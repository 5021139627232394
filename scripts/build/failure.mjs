// How a stage of the build fails: one line that says what to do. Output of the failed tool is printed before it.
import { spawnSync } from 'node:child_process';

export class BuildFailure extends Error {}

/** Runs a tool with its output kept, and shows that output only when the tool fails. */
export function runQuietly(command, args, { env = process.env, failure }) {
  const result = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024, // a compiler's worst template errors fit; beyond, the tool is killed
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  if (result.error) process.stderr.write(`${result.error.message}\n`);
  throw new BuildFailure(failure);
}
