// What lives, by /proc. Input: nothing. Output: processes and tasks, zombies not among them.
import { readdirSync, readFileSync } from 'node:fs';

export interface Alive {
  readonly processes: number;
  readonly tasks: number;
}

/** A process lives while one of its tasks does, though its leader may have ended. */
export function aliveByProc(): Alive {
  let processes = 0;
  let tasks = 0;
  for (const tgid of numbers('/proc')) {
    const living = numbers(`/proc/${tgid}/task`).filter((tid) =>
      lives(`/proc/${tgid}/task/${tid}`),
    );
    tasks += living.length;
    if (living.length > 0) processes += 1;
  }
  return { processes, tasks };
}

function numbers(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // ended meanwhile
  }
}

function lives(task: string): boolean {
  try {
    const stat = readFileSync(`${task}/stat`, 'latin1');
    return !'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
