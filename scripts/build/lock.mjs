// One build at a time in a tree. Input: the lock's path. Output: the work done while no other build runs.
// The lock is a file that names its owner by pid and start time (a pid alone may have been given again).
// It comes into being whole, by link(2), so no reader ever sees an owner half written.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BuildFailure } from './failure.mjs';

const WAIT_MS = 15 * 60_000; // a cold install and build on a slow machine, with room
const POLL_MS = 100;

export function withLock(path, work) {
  const mine = `${path}.${process.pid}`;
  const me = `${process.pid} ${startTime(process.pid)}`;
  writeFileSync(mine, me);
  try {
    take(path, mine);
    try {
      work();
    } finally {
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function take(path, mine) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      linkSync(mine, path);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(path);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      removeStale(path, owner, `${mine}.stale`);
      continue;
    }
    if (Date.now() > deadline) {
      throw new BuildFailure(
        `another build (pid ${owner.split(' ')[0]}) holds ${path} for too long. End it and run this again.`,
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

/** Takes a dead owner's lock away; a live one that came in between is put back. */
function removeStale(path, owner, aside) {
  try {
    renameSync(path, aside);
    if (readOwner(aside) !== owner) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function readOwner(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(owner) {
  const [pid, started] = owner.split(' ');
  return startTime(pid) === started;
}

/** Field 22 of /proc/<pid>/stat, counted after the last ')' because a command name may hold spaces. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return 'ended';
  }
}
