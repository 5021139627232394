// The series of one (comm, uid) pair as one object. Input: a scrape. Output: counts by column.
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
export function pairOf(
  scrape: Exposition,
  comm: string,
  uid: number | string,
): PairCounts | undefined {
  const found: Record<string, number> = {};
  for (const [column, family] of Object.entries(COLUMNS)) {
    for (const { labels, value } of scrape.series(family))
      if (labels['comm'] === comm && labels['uid'] === String(uid)) found[column] = value;
  }
  for (const { labels, value } of scrape.series(SIGNALS))
    if (labels['comm'] === comm && labels['uid'] === String(uid))
      found[labels['signal'] ?? ''] = value;
  return Object.keys(found).length === 0 ? undefined : found;
}

/** What the whole pair must show, every series of it: what is not named is 0. */
export function counts(named: PairCounts): PairCounts {
  return { ...NOTHING, ...named };
}
