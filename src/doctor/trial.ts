// Doctor: a start of the daemon's sources and collector, taken back at once. In: the configuration. Out: what each gave.
// What it opens the collector owns and closes, with IGNORE to the kernel; so nothing is left behind, also when the
// process ends in the middle.
import { closeSync } from 'node:fs';
import { native, type NativeCollector, type NativeConnector } from '../collector/native.ts';
import { FIGURES, FIGURE_COUNT } from '../collector/record.ts';
import { openConnector, openExecNames, openExitRecords } from '../collector/source.ts';
import type { Config } from '../config/config.ts';
import { ExporterError, fromNative } from '../errors.ts';

export type Outcome<T> =
  | { readonly value: T; readonly ms: number; readonly error?: never }
  | { readonly error: ExporterError; readonly errno: number; readonly value?: never };

export interface Feed {
  readonly events: number;
  /** Whether perf's rings are in memory. */
  readonly execNames: boolean;
}

/** undefined: not tried, for it is turned off, or what it needs has failed. */
export interface Trial {
  readonly connector: Outcome<NativeConnector>;
  readonly exitRecords: Outcome<NativeConnector> | undefined;
  readonly execNames: Outcome<readonly number[]> | undefined;
  readonly collector: Outcome<Feed> | undefined;
}

type Wanted = Pick<
  Config,
  'receiveBuffer' | 'perf' | 'taskstats' | 'procfs' | 'ringSlots' | 'gatherMs'
>;

/** The collector's own thread is an event; a second serves a machine that is under water. */
const FEED_TIMEOUT_MS = 1000;
const FEED_LOOK_MS = 5;
const STOP_GRACE_MS = 500;

export async function tryOut(config: Wanted): Promise<Trial> {
  // In the daemon's order.
  const exitRecords = config.taskstats
    ? outcomeOf(() => openExitRecords(config.receiveBuffer))
    : undefined;
  const execNames = config.perf ? outcomeOf(openExecNames) : undefined;
  const connector = outcomeOf(() => openConnector(config.receiveBuffer));
  if (connector.value === undefined) {
    if (exitRecords?.value !== undefined) closeSync(exitRecords.value.fd);
    for (const fd of execNames?.value ?? []) closeSync(fd);
    return { connector, exitRecords, execNames, collector: undefined };
  }
  const started = outcomeOf(
    () =>
      new (native().Collector)(
        {
          fd: connector.value.fd,
          listening: true,
          procfs: config.procfs,
          execNames: execNames?.value ?? [],
          exitRecords: exitRecords?.value?.fd ?? -1,
          ringSlots: config.ringSlots,
          stormThreshold: 10_000_000,
          gatherMs: config.gatherMs,
        },
        () => {},
      ),
  );
  const collector = started.value === undefined ? started : await firstEvents(started.value);
  return { connector, exitRecords, execNames, collector };
}

function outcomeOf<T>(open: () => T): Outcome<T> {
  const start = performance.now();
  try {
    const value = open();
    return { value, ms: performance.now() - start };
  } catch (error) {
    const known = fromNative(error);
    const { errno } = (known.cause ?? {}) as { readonly errno?: unknown };
    return { error: known, errno: typeof errno === 'number' ? errno : 0 };
  }
}

async function firstEvents(collector: NativeCollector): Promise<Outcome<Feed>> {
  const start = performance.now();
  const figures = new Float64Array(FIGURE_COUNT);
  const events = (): number =>
    figures.subarray(FIGURES.events, FIGURES.shed).reduce((sum, count) => sum + count, 0) +
    figures[FIGURES.lostSocket]! +
    figures[FIGURES.lostKernel]!;
  try {
    for (;;) {
      collector.readFigures(figures);
      const ms = performance.now() - start;
      if (events() > 0 || ms > FEED_TIMEOUT_MS) {
        return { value: { events: events(), execNames: figures[FIGURES.execNames] === 1 }, ms };
      }
      await new Promise((resolve) => setTimeout(resolve, FEED_LOOK_MS));
    }
  } finally {
    collector.stop(STOP_GRACE_MS);
  }
}
