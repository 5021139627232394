// Users: gives up what is no longer needed. In: the user to become. Out: threads without any privilege, proven by /proc.
import { readFileSync, readdirSync } from 'node:fs';
import { native } from '../collector/native.ts';
import { ExporterError, fromNative } from '../errors.ts';
import type { User } from './user.ts';

/** Our own threads are always here: --path.procfs may be the host's, seen from a container. */
const SELF = '/proc/self';
/** A thread answers in microseconds, a machine that is under water in less than this. */
const ANSWER_MS = 1000;
/** A round misses only threads that others made meanwhile; the threads that make threads have changed in the first. */
const ROUNDS = 5;
/** CAP_SETPCAP, which alone may empty the bounding set. */
const SETPCAP = 1n << 8n;

/** The fields of a thread's status that matter here. */
export interface Credentials {
  readonly tid: number;
  readonly name: string;
  /** real, effective, saved, of the file system */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** inheritable, permitted, effective and ambient */
  readonly capabilities: readonly bigint[];
  readonly effective: bigint;
  readonly bounding: bigint;
  readonly noNewPrivileges: boolean;
}

export interface Dropped {
  readonly uid: number;
  readonly gid: number;
  /** Whether the bounding set could be emptied; if not, NO_NEW_PRIVS alone keeps capabilities away. */
  readonly boundingSet: 'empty' | 'kept';
  readonly threads: number;
}

/** Of every kind: real, effective, saved, and that of the file system. */
export function ownUids(): readonly number[] {
  return readable(() => credentials(`${SELF}/status`).uids);
}

/**
 * After this no thread of the process holds a capability or can gain one. Throws an ExporterError when that does not
 * come true; the process must end then.
 */
export function dropPrivilege(become: User | undefined): Dropped {
  return readable(() => drop(become));
}

/** Without /proc nothing can be proven. */
function readable<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof ExporterError) throw error;
    const { message } = error as Error;
    throw new ExporterError('PROCEVENTS_PRIVILEGE', `cannot see our own privileges: ${message}`, {
      cause: error,
    });
  }
}

function drop(become: User | undefined): Dropped {
  const before = credentials(`${SELF}/status`);
  const emptied = (before.effective & SETPCAP) !== 0n;
  const has = (one: Credentials): boolean => isLeft(one, become, emptied);
  for (let round = 0; round < ROUNDS; round++) {
    const threads = ownThreads();
    const left = threads.filter(has);
    if (left.length === 0) {
      native().makeUndumpable();
      const { uids, gids, bounding } = credentials(`${SELF}/status`);
      return {
        uid: uids[0]!,
        gid: gids[0]!,
        boundingSet: bounding === 0n ? 'empty' : 'kept',
        threads: threads.length,
      };
    }
    try {
      native().dropPrivilege(
        left.map(({ tid }) => tid),
        become,
        ANSWER_MS,
      );
    } catch (error) {
      throw withThread(fromNative(error), ownThreads().find(has));
    }
  }
  throw withThread(
    new ExporterError('PROCEVENTS_PRIVILEGE', 'cannot give up privileges'),
    ownThreads().find(has),
  );
}

function isLeft(one: Credentials, become: User | undefined, emptied: boolean): boolean {
  if (!one.noNewPrivileges || one.capabilities.some((set) => set !== 0n)) return true;
  if (emptied && one.bounding !== 0n) return true;
  return (
    become !== undefined &&
    (one.groups.length > 0 ||
      one.uids.some((uid) => uid !== become.uid) ||
      one.gids.some((gid) => gid !== become.gid))
  );
}

/** Says which thread it was. libuv's io_uring has one in the kernel that keeps our credentials and takes no signal. */
function withThread(error: ExporterError, left: Credentials | undefined): ExporterError {
  if (error.code !== 'PROCEVENTS_PRIVILEGE' || left === undefined) return error;
  const message = `${error.message}: thread ${left.tid} (${left.name}) keeps them`;
  return new ExporterError(error.code, message, {
    cause: error,
    ...(left.name.startsWith('iou-') ? { remedy: 'Start it with UV_USE_IO_URING=0.' } : {}),
  });
}

function ownThreads(): Credentials[] {
  const threads: Credentials[] = [];
  for (const tid of readdirSync(`${SELF}/task`)) {
    try {
      threads.push(credentials(`${SELF}/task/${tid}/status`));
    } catch (error) {
      // Ended since it was listed.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return threads;
}

function credentials(path: string): Credentials {
  const text = readFileSync(path, 'latin1');
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${path} has no ${name}`);
    return value.trim();
  };
  const numbers = (name: string): number[] => field(name).split(/\s+/).filter(Boolean).map(Number);
  const set = (name: string): bigint => BigInt(`0x${field(name)}`);
  return {
    tid: Number(field('Pid')),
    name: field('Name'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map(set),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    noNewPrivileges: field('NoNewPrivs') === '1',
  };
}
