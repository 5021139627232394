// Watch: the feed. In: the configuration. Out: a connector with every event's comm and uid, and no privilege left: what
// takes privilege is opened first, as the daemon does.
import type { Procfs } from '../attribution/procfs.ts';
import type { Config } from '../config/config.ts';
import { connectTo, type ProcConnector } from '../library/connector.ts';
import { openAndDrop } from '../users/open-and-drop.ts';

/** Rejects with an ExporterError; the process must end then. */
export async function openFeed(
  config: Config,
  procfs: Procfs,
  warn: (text: string) => void,
): Promise<ProcConnector> {
  const { sources } = openAndDrop({ config, procfs, warn });
  if (config.perf && sources.execNames.why !== undefined) warn(sources.execNames.why);
  if (config.taskstats && sources.exitRecords.why !== undefined) warn(sources.exitRecords.why);
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
