// The series of one (comm, uid) pair as one object. Input: a scrape. Output: counts by column.
import { expect } from 'vitest';
import type { Exposition } from './exposition.ts';

const COLUMNS = {
  forks: 'procevents_forks_total',
  threads: 'procevents_thread_creations_total',
  execs: 'procevents_execs_total',
  exits: 'procevents_exits_total',
  failures: 'procevents_exit_failures_total',
  coredumps: 'procevents_coredumps_total',
  coresWritten: 'procevents_cores_written_total',
} as const;
const SIGNALS = 'procevents_exit_signals_total';

export const PAIR_FAMILIES: readonly string[] = [...Object.values(COLUMNS), SIGNALS];

export type PairCounts = Readonly<Record<string, number>>;

// All of a pair's series appear together; other signals' when first counted.
const NOTHING: PairCounts = {
  forks: 0,
  threads: 0,
  execs: 0,
  exits: 0,
  failures: 0,
  coredumps: 0,
  coresWritten: 0,
  SIGKILL: 0,
  SIGSEGV: 0,
  SIGABRT: 0,
};

/** Undefined when no series has these labels. comm as in the label, after unescaping. */
export function pairOf(scrape: Exposition, comm: string, uid: string): PairCounts | undefined {
  const counts: Record<string, number> = {};
  for (const [column, family] of Object.entries(COLUMNS)) {
    for (const { labels, value } of scrape.series(family))
      if (labels['comm'] === comm && labels['uid'] === uid) counts[column] = value;
  }
  for (const { labels, value } of scrape.series(SIGNALS))
    if (labels['comm'] === comm && labels['uid'] === uid) counts[labels['signal'] ?? ''] = value;
  return Object.keys(counts).length === 0 ? undefined : counts;
}

/** The whole pair, every series of it: what is not named must be 0. */
export function expectPair(
  scrape: Exposition,
  comm: string,
  uid: string | number,
  counts: PairCounts,
): void {
  const found = { comm, uid, counts: pairOf(scrape, comm, String(uid)) };
  expect(found).toEqual({ comm, uid, counts: { ...NOTHING, ...counts } });
}

export function expectNoPair(scrape: Exposition, comm: string, uid: string | number): void {
  expect({ comm, counts: pairOf(scrape, comm, String(uid)) }).toEqual({ comm, counts: undefined });
}
