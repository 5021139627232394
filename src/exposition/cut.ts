// Exposition: its input. All that one answer shows, as it was at one moment: totals and series belong together.
import type { PairsCut } from '../aggregator/aggregator.ts';
import type { HistogramCut } from '../aggregator/histogram.ts';
import type { ATTRIBUTED_EVENTS as Attributed } from '../aggregator/columns.ts';

/** The order of `events` and `shed`. */
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

/** The order of `unresolved` and `retired`; the type keeps it the aggregator's. */
export const ATTRIBUTED_EVENTS: typeof Attributed = ['fork', 'thread', 'exec', 'exit', 'coredump'];

export interface Cut {
  readonly pairs: PairsCut;
  readonly pairsLimit: number;
  /** Estimated: what there would be without the limit. */
  readonly pairsWanted: number;
  readonly events: ArrayLike<number>;
  readonly shed: ArrayLike<number>;
  /** Of pairs that have ended, in the order of ATTRIBUTED_EVENTS. */
  readonly retired: ArrayLike<number>;
  readonly lostKernel: number;
  readonly lostSocket: number;
  readonly rejectedSender: number;
  readonly rejectedLength: number;
  readonly rejectedConnector: number;
  readonly rejectedKind: number;
  readonly overruns: number;
  readonly kernelForks: number;
  readonly unresolved: ArrayLike<number>;
  readonly foldedEvents: number;
  readonly threadExits: number;
  readonly duplicateCoredumps: number;
  readonly processes: number;
  readonly tasks: number;
  readonly pidsLimit: number;
  readonly ringSlots: number;
  readonly ringUsedSlots: number;
  readonly receiveBufferBytes: number;
  readonly receiveBufferUsedBytes: number;
  readonly exitBufferBytes: number;
  readonly exitBufferUsedBytes: number;
  readonly lostExitRecords: number;
  readonly lostExecNames: number;
  readonly pendingExecs: number;
  readonly lifetime: HistogramCut;
  readonly lag: HistogramCut;
  readonly resyncs: number;
  readonly heals: number;
  readonly collectorUp: number;
  readonly taskstatsUp: number;
  readonly execNamesUp: number;
  readonly staleScrapes: number;
  readonly suppressedLogLines: number;
  readonly forksPerSecond: HistogramCut;
  readonly forkStorms: number;
  readonly forkStormSeconds: number;
  /** Unix seconds; 0 until the first. */
  readonly lastForkStormTimestamp: number;
  readonly lastCoredumpTimestamp: number;
  /** Of the uids that have pairs, where there is a name. */
  readonly users: readonly { readonly uid: number; readonly user: string }[];
  /** Of the daemon: unix seconds, in ms. */
  readonly startTime: number;
}
