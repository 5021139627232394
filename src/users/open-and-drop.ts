// Users: all that takes privilege, and its end. In: what to open and whom to become. Out: open sources, and a process of
// which no thread has any privilege. The collector's thread is made later, and what users name (the web file, a unix
// socket's path) is opened later, too.
import type { Procfs } from '../attribution/procfs.ts';
import { openSources, type Sources } from '../collector/source.ts';
import { ExporterError } from '../errors.ts';
import { dropPrivilege, ownUids, type Dropped } from './privilege.ts';
import { userToBecome } from './user.ts';

export interface Opened {
  readonly sources: Sources;
  readonly privilege: Dropped;
}

/** Throws an ExporterError; the process must end then. `warn`: what it then does without, and what it keeps. */
export function openAndDrop(o: {
  readonly config: {
    readonly user: string | undefined;
    readonly passwd: string | undefined;
    readonly procfs: string;
    readonly receiveBuffer: number;
    readonly perf: boolean;
    readonly taskstats: boolean;
  };
  readonly procfs: Procfs;
  readonly warn: (text: string) => void;
}): Opened {
  const { config, procfs, warn } = o;
  const { user: wanted, passwd } = config;
  const become = userToBecome({ wanted, passwd, uids: ownUids() });
  const sources = openSources(config);
  const privilege = dropPrivilege(become);
  const blind = procfs.blindness(privilege.uid);
  if (blind !== undefined) {
    // Nearly all would be counted as <unknown>: better to say it now than in every graph.
    throw new ExporterError('PROCEVENTS_PROCFS', `${config.procfs} ${blind}`);
  }
  if (sources.narrow !== undefined) warn(sources.narrow);
  if (privilege.uid === 0) {
    warn('runs as root, without capabilities: it may still write what belongs to root');
  } else if (privilege.gid === 0 || process.getgroups?.().includes(0) === true) {
    warn('runs in the group root: it may write what that group may');
  }
  return { sources, privilege };
}
