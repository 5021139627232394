// The seam's words, as native/record.h and native/ring.h name them for C++; test/unit/collector/layout.test.ts compares.

/** The kernel's events, in the order of the contract's `event` label. A record's kind is an index into it, or LOST. */
export const EVENT_KINDS = [
  'fork',
  'exec',
  'uid',
  'gid',
  'sid',
  'ptrace',
  'comm',
  'coredump',
  'exit',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const FORK = 0;
export const EXEC = 1;
export const UID = 2;
export const GID = 3;
export const SID = 4;
export const PTRACE = 5;
export const COMM = 6;
export const COREDUMP = 7;
export const EXIT = 8;
/** Something is missing before this record. */
export const LOST = 9;
/** For who asks for everything (`whole`): a kind that is none of the above... */
export const UNKNOWN = 10;
/** ...and numbers of a CPU that leap before this record: what LOST said, or will say, by CPU. */
export const GAP = 11;

/** A record is 16 little-endian words of 32 bits. */
export const RECORD_WORDS = 16;

/** kind | flags << 8 | cpu << 16 */
export const WORD_HEAD = 0;
/** The CPU's own count of messages */
export const WORD_SEQ = 1;
/** CLOCK_MONOTONIC, ns, low and high half */
export const WORD_TIME_LOW = 2;
export const WORD_TIME_HIGH = 3;
/** FORK: the child; else the task that the event is about */
export const WORD_PID = 4;
export const WORD_TGID = 5;
/** FORK, COREDUMP, EXIT: the parent; PTRACE: the tracer (0: detached) */
export const WORD_OTHER_PID = 6;
export const WORD_OTHER_TGID = 7;
/** UID, GID */
export const WORD_REAL_ID = 6;
export const WORD_EFFECTIVE_ID = 7;
/** LOST, GAP: how many, saturated */
export const WORD_LOST_COUNT = 6;
/** COMM, EXEC: four words, zeroed after the first NUL */
export const WORD_COMM = 8;
/** UNKNOWN: proc_event.what, how many bytes of event_data there were, and the first 40 of them */
export const WORD_WHAT = 4;
export const WORD_DATA_LENGTH = 5;
export const WORD_DATA = 6;
/** EXIT: exit_code (a wait status) | exit_signal << 16 */
export const WORD_STATUS = 12;
/** EXIT with FLAG_RECORD: the task's exit record (its comm is in WORD_COMM); CPU times in µs >> (flags >> EXIT_SHIFT) */
export const WORD_EXIT_UID = 13;
export const WORD_EXIT_USER = 14;
export const WORD_EXIT_SYSTEM = 15;

/** EXEC: the comm words hold the name of this very exec, by perf. */
export const FLAG_NAMED = 1;
/** EXEC: they hold what /proc said when the event was taken. */
export const FLAG_READ = 2;
/** EXIT: the exit record is there... */
export const FLAG_RECORD = 1;
/** ...and tells whether this was the last task of its process: */
export const FLAG_HAS_GROUP = 2;
export const FLAG_GROUP_DEAD = 4;
export const EXIT_SHIFT = 3;
/** LOST, GAP: where. */
export const LOST_IN_KERNEL = 0;
export const LOST_IN_SOCKET = 1;
export const LOST_IN_RING = 2;

/** Bytes of the control page before the first record. */
export const CONTROL_BYTES = 4096;
/** Words inside the control page, each on a cache line of its own. */
export const CONTROL_HEAD = 0;
export const CONTROL_TAIL = 16;
export const CONTROL_ARMED = 32;

/** What the collector thread counts, as indices of the published set. Every value is below 2^53. */
export const FIGURES = {
  events: 0,
  shed: 9,
  /** sender, length, connector, kind */
  rejected: 18,
  lostKernel: 22,
  lostSocket: 23,
  overruns: 24,
  /** records ever published; the low 32 bits are the ring's head */
  ringPosition: 25,
  cutDone: 26,
  /** CLOCK_MONOTONIC, ns */
  lastPass: 27,
  /** bytes, as the kernel accounts them */
  receiveBuffer: 28,
  receiveUsed: 29,
  /** of the taskstats socket, likewise */
  exitBuffer: 30,
  exitUsed: 31,
  lostExitRecords: 32,
  lostExecNames: 33,
  /** 1 when perf's rings are mapped */
  execNames: 34,
  /** CLOCK_MONOTONIC, ns: all events from before have been taken */
  drained: 35,
  /** why the tail probe could not reach a CPU, 0 when it could */
  probeErrno: 36,
  /** one of STATE_* */
  state: 37,
  /** why it died */
  errno: 38,
  /** seconds of kernel time that are closed, by how many processes were created in them: SECOND_BUCKETS of them */
  seconds: 39,
  secondsSum: 55,
  /** Kernel seconds before this one are closed. */
  secondsEnd: 56,
  storms: 57,
  stormSeconds: 58,
  /** 1 while the storm that the following figures tell of goes on; else they tell of the last one */
  stormOpen: 59,
  /** its first second over the threshold, and its last, in seconds of kernel time... */
  stormFirst: 60,
  stormLast: 61,
  /** ...and as CLOCK_REALTIME was when they were closed, ms */
  stormFirstUnixMs: 62,
  stormLastUnixMs: 63,
  /** seconds over the threshold */
  stormLength: 64,
  /** processes created in the worst of them */
  stormPeak: 65,
  /** processes created from the first to the last */
  stormCreated: 66,
  /** UNKNOWN records shed */
  shedUnknown: 67,
  /** 1 while losses wait for room in the ring to be told */
  untold: 68,
} as const;
export const FIGURE_COUNT = 69;

/** Upper bounds of the buckets of `seconds`, without +Inf. */
export const SECOND_BOUNDS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
] as const;
export const SECOND_BUCKETS = SECOND_BOUNDS.length + 1;

export const STATE_RUNS = 0;
export const STATE_STOPPED = 1;
export const STATE_DIED = 2;
