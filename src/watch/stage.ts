// Watch: what lines and table share. Made and taken apart in watch.ts.
import type { Procfs } from '../attribution/procfs.ts';
import type { ProcConnector } from '../library/connector.ts';
import type { ProcConnectorStats } from '../library/statistics.ts';
import type { WallClock } from './clock.ts';
import type { Filter } from './filter.ts';
import type { Names } from './names.ts';
import type { Output } from './output.ts';
import type { Paint } from './paint.ts';

export interface Counts {
  /** Events taken, but our own. */
  seen: number;
  /** Of those, shown. */
  shown: number;
  /** Not told any more at the end, as nobody read. */
  left: number;
  /** What of the losses was told at the end; undefined: not told one by one. */
  lost: ProcConnectorStats['lost'] | undefined;
}

export interface Stage {
  readonly connector: ProcConnector;
  readonly filter: Filter;
  readonly procfs: Procfs;
  readonly names: Names;
  readonly clock: WallClock;
  readonly paint: Paint;
  readonly output: Output;
  readonly counts: Counts;
  /** Aborted when no more events are wanted. */
  readonly ending: AbortSignal;
  readonly end: () => void;
}
