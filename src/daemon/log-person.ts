// Daemon: somebody in the log. A lineage and a cgroup in; the fields of a line out.
import { bytesText, commText } from '../aggregator/comm-text.ts';
import type { Cgroup } from '../attribution/cgroups.ts';
import { UNKNOWN_UID } from '../attribution/identity.ts';
import {
  LINEAGE_ANCESTORS,
  LINEAGE_PID,
  LINEAGE_UID,
  PERSON_WORDS,
} from '../attribution/lineage.ts';

export interface LogPerson {
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | '<unknown>';
  /** Nearest first. */
  readonly ancestors: readonly { readonly pid: number; readonly comm: string }[];
  readonly cgroup: string | null;
  /** The ancestor that it was read of, when not of the process itself. */
  readonly cgroupOf?: number;
}

export function logPerson(lineage: Uint32Array, cgroup: Cgroup | undefined): LogPerson {
  const people = Array.from({ length: lineage[LINEAGE_ANCESTORS]! + 1 }, (_, i) => {
    const at = LINEAGE_PID + i * PERSON_WORDS;
    return { pid: lineage[at]!, comm: commText(lineage, at + 1) };
  });
  const [self, ...ancestors] = people;
  const uid = lineage[LINEAGE_UID]!;
  return {
    pid: self!.pid,
    comm: self!.comm,
    uid: uid === UNKNOWN_UID ? '<unknown>' : uid,
    ancestors,
    cgroup: cgroup === undefined ? null : bytesText(cgroup.path),
    ...(cgroup !== undefined && cgroup.pid !== self!.pid && { cgroupOf: cgroup.pid }),
  };
}
