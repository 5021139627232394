// Doctor: the procfs that the daemon is to read. In: the table of mounts, the folder itself. Out: a check.
import { realpathSync } from 'node:fs';
import { Procfs } from '../attribution/procfs.ts';
import { CATALOGUE } from '../errors.ts';
import { degraded, failing, ok, type Check } from './check.ts';
import { OWN_PROC, readLink, readText } from './files.ts';

export interface ProcfsFacts {
  readonly path: string;
  /** Processes in sight; undefined when it cannot be read. */
  readonly processes: number | undefined;
  /** Whether its stat tells of forks, as only a procfs does. */
  readonly counts: boolean;
  /** Whether a process of somebody else can be read. */
  readonly readsOthers: boolean;
  /** The pid that it knows us by, and our own; they differ in another pid namespace. */
  readonly self: number | undefined;
  readonly pid: number;
  readonly hidepid: string | undefined;
}

export function readProcfs(path: string): ProcfsFacts {
  const procfs = new Procfs(path);
  const self = readLink(`${path}/self`);
  return {
    path,
    processes: processesOf(procfs),
    counts: procfs.readForks() !== undefined,
    readsOthers: procfs.readStatus(1) !== undefined,
    self: self === undefined ? undefined : Number(self),
    pid: process.pid,
    hidepid: hidepidOf(readText(`${OWN_PROC}/mountinfo`) ?? '', real(path)),
  };
}

function processesOf(procfs: Procfs): number | undefined {
  try {
    return procfs.listProcesses().length;
  } catch (error) {
    // Without a cause it was read, and showed none.
    return (error as Error).cause === undefined ? 0 : undefined;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The hidepid of the procfs that is mounted at `path`, undefined when it hides nothing. */
export function hidepidOf(mountinfo: string, path: string): string | undefined {
  let found: string | undefined;
  // The last mount at a place is the one in sight.
  for (const line of mountinfo.split('\n')) {
    const [front = '', back = ''] = line.split(' - ');
    const point = front.split(' ')[4] ?? '';
    const [type, , options = ''] = back.split(' ');
    if (unescape(point) !== path) continue;
    found = type === 'proc' ? /(?:^|,)hidepid=(\w+)/.exec(options)?.[1] : undefined;
  }
  return found === '0' || found === 'off' ? undefined : found;
}

/** Blanks and backslashes stand as \\040 and \\134. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}

export function judgeProcfs(facts: ProcfsFacts): Check {
  const name = 'procfs';
  const { path, processes, hidepid, self, pid } = facts;
  const { remedy } = CATALOGUE.PROCEVENTS_PROCFS;
  if (processes === undefined) return failing(name, `${path} cannot be read`, remedy);
  if (!facts.counts) return failing(name, `${path} is no procfs`, remedy);
  const costs = 'processes that already run will be <unknown>';
  if (self !== pid) {
    return degraded(name, `${path} shows another pid namespace: ${costs}`, remedy);
  }
  if (hidepid !== undefined) {
    return degraded(
      name,
      `${path} is mounted with hidepid=${hidepid}: as a user without privilege, ${costs}`,
      `Mount it without (mount -o remount,hidepid=0 ${path}; in systemd no ProtectProc).`,
    );
  }
  if (!facts.readsOthers) {
    return degraded(name, `${path} shows no processes of others: ${costs}`, remedy);
  }
  return ok(name, `${path} shows ${processes} processes, and hides none`);
}
