// The processes of the library's contract, for real: see test/harness/library-contract.ts. Input: nothing. Output: who they
// were, once they have ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CAST_UID, type Cast } from './library-contract.ts';

async function end(script: string, detached: boolean): Promise<number> {
  const become = detached ? { detached, uid: CAST_UID, gid: CAST_UID } : {};
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore', cwd: '/', ...become });
  await once(child, 'exit');
  return child.pid ?? 0;
}

export async function performCast(): Promise<Cast> {
  return {
    parent: process.pid,
    exited: await end('printf renamed >/proc/$$/comm; exit 3', true),
    killed: await end('kill -KILL $$', false),
    crashed: await end('ulimit -c 0; kill -SEGV $$', false),
  };
}
