// Watch: the feed. In: the configuration. Out: a connector with every event's comm and uid, and no privilege left: what
// takes privilege is opened first, as the daemon does.
import type { Procfs } from '../attribution/procfs.ts';
import { openSources } from '../collector/source.ts';
import type { Config } from '../config/config.ts';
import { ExporterError } from '../errors.ts';
import { connectTo, type ProcConnector } from '../library/connector.ts';
import { dropPrivilege, ownUids } from '../users/privilege.ts';
import { userToBecome } from '../users/user.ts';

/** Rejects with an ExporterError; the process must end then. */
export async function openFeed(
  config: Config,
  procfs: Procfs,
  warn: (text: string) => void,
): Promise<ProcConnector> {
  const { user: wanted, passwd } = config;
  const become = userToBecome({ wanted, passwd, uids: ownUids() });
  const sources = openSources(config);
  const { uid } = dropPrivilege(become);
  const blind = procfs.blindness(uid);
  if (blind !== undefined)
    throw new ExporterError('PROCEVENTS_PROCFS', `${config.procfs} ${blind}`);
  if (sources.narrow !== undefined) warn(sources.narrow);
  if (config.perf && sources.execNames.why !== undefined) warn(sources.execNames.why);
  if (config.taskstats && sources.exitRecords.why !== undefined) warn(sources.exitRecords.why);
  if (uid === 0)
    warn('runs as root, without capabilities: it may still write what belongs to root');
  return connectTo(
    {
      connector: sources.connector,
      listening: sources.listening,
      filtered: false,
      execNames: sources.execNames.value ?? [],
      exitRecords: sources.exitRecords.value ?? -1,
    },
    {
      attribute: true,
      ringSlots: config.ringSlots,
      gather: config.gatherMs,
      procfs: config.procfs,
    },
  );
}
