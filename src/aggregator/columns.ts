// Aggregator: the words of its memory. What is counted for a pair (comm, uid), one column each, in one order.

export const COLUMN = {
  forks: 0,
  threads: 1,
  execs: 2,
  exits: 3,
  exitFailures: 4,
  sigkill: 5,
  sigsegv: 6,
  sigabrt: 7,
  sigbus: 8,
  sigill: 9,
  sigfpe: 10,
  sigterm: 11,
  sigother: 12,
  coredumps: 13,
  coresWritten: 14,
  /** µs */
  cpuUser: 15,
  cpuSystem: 16,
} as const;

export type ColumnName = keyof typeof COLUMN;

export const COLUMNS = 17;

/** The columns that count events as such; the others tell more about the same events. */
export const ATTRIBUTED_EVENTS = ['fork', 'thread', 'exec', 'exit', 'coredump'] as const;

/** Column to index in ATTRIBUTED_EVENTS, or -1. */
export const EVENT_OF_COLUMN = new Int8Array(COLUMNS).fill(-1);
[COLUMN.forks, COLUMN.threads, COLUMN.execs, COLUMN.exits, COLUMN.coredumps].forEach(
  (column, event) => {
    EVENT_OF_COLUMN[column] = event;
  },
);
