// Attribution: the pair of a process, kept in the table as long as its comm and uid stay what they are.
import { UNKNOWN_UID } from './identity.ts';
import { NOBODY } from './pending-execs.ts';
import type { ProcessTable } from './process-table.ts';
import { FOLDED, type Sink } from './sink.ts';

/** `index` of the table, or -1 for a process of which nothing is known. */
export function pairAt(sink: Sink, table: ProcessTable, index: number): number {
  if (index < 0) return sink.pair(NOBODY, 0, UNKNOWN_UID);
  let pair = table.pair[index]!;
  if (pair < 0) {
    pair = sink.pair(table.comm, index * 4, table.uid[index]!);
    if (pair !== FOLDED) table.pair[index] = pair;
  }
  return pair;
}
