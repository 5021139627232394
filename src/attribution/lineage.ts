// Attribution: who a process is and who made it, for the log. A process in; itself and its nearest ancestors, as words,
// out: a storm asks for it too often for objects.
//
//   uid | number of ancestors | pid, four words of comm | pid, four words of comm | ...
//                               itself                    parent                    its parent ...
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import type { Processes } from './processes.ts';

/** The contract's: enough to tell a timer, a login or a container from each other. */
export const ANCESTORS_MAX = 4;
export const LINEAGE_UID = 0;
export const LINEAGE_ANCESTORS = 1;
/** Of itself; an ancestor's stand PERSON_WORDS further each. */
export const LINEAGE_PID = 2;
export const LINEAGE_COMM = 3;
export const PERSON_WORDS = 5;
export const LINEAGE_WORDS = LINEAGE_PID + PERSON_WORDS * (1 + ANCESTORS_MAX);

/**
 * `index` is the process's in the table, or -1. With `ask`, what is unverified after a loss is held against /proc; without,
 * it is left out.
 */
export function writeLineage(o: {
  readonly processes: Processes;
  readonly tgid: number;
  readonly index: number;
  readonly ask: boolean;
  readonly into: Uint32Array;
  readonly at: number;
}): void {
  const { processes, into, at } = o;
  const { table } = processes;
  into[at + LINEAGE_UID] = o.index < 0 ? UNKNOWN_UID : table.uid[o.index]!;
  writePerson(processes, o.tgid, o.index, into, at + LINEAGE_PID);
  let ancestors = 0;
  let index = o.index;
  while (index >= 0 && ancestors < ANCESTORS_MAX) {
    const tgid = table.parent[index]!;
    const parent = parentOf(processes, index, o.ask);
    if (parent < 0) break;
    ancestors++;
    writePerson(processes, tgid, parent, into, at + LINEAGE_PID + ancestors * PERSON_WORDS);
    index = parent;
  }
  into[at + LINEAGE_ANCESTORS] = ancestors;
}

/** The parent's index, or -1 when it has ended: a younger process of its number is another one. */
function parentOf(processes: Processes, index: number, ask: boolean): number {
  const { table } = processes;
  const tgid = table.parent[index]!;
  const parent = tgid > 0 ? table.find(tgid) : -1;
  if (parent < 0) return -1;
  if (!processes.isVerified(parent)) {
    if (!ask) return -1;
    processes.resolve(tgid);
  }
  return table.born[parent]! > table.born[index]! ? -1 : parent;
}

function writePerson(
  processes: Processes,
  tgid: number,
  index: number,
  into: Uint32Array,
  at: number,
): void {
  const { comm } = processes.table;
  into[at] = tgid;
  for (let i = 0; i < 4; i++) into[at + 1 + i] = index < 0 ? UNKNOWN_WORD : comm[index * 4 + i]!;
}
