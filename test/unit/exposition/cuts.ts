// Tests: a cut in which every number is another, so that a value in the wrong family cannot pass.
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { COLUMN } from '../../../src/aggregator/columns.ts';
import type { ColumnName } from '../../../src/aggregator/columns.ts';
import { Histogram, type HistogramCut } from '../../../src/aggregator/histogram.ts';
import type { Cut } from '../../../src/exposition/cut.ts';
import {
  FORKS_PER_SECOND_BOUNDS,
  LAG_BOUNDS,
  LIFETIME_BOUNDS,
} from '../../../src/exposition/host-families.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from '../../../src/attribution/identity.ts';
import { commWords } from '../aggregator/comm-words.ts';

export function cutOf(aggregator: Aggregator): Cut {
  return {
    pairs: { ...aggregator.copy(), created: birthsOf(aggregator) },
    pairsLimit: 1000,
    pairsWanted: 319,
    events: [101, 102, 103, 104, 105, 106, 107, 108, 109],
    shed: [201, 202, 203, 204, 205, 206, 207, 208, 209],
    retired: [401, 402, 403, 404, 405],
    unresolved: aggregator.unresolved.slice(),
    foldedEvents: aggregator.foldedEvents,
    lostKernel: 301,
    lostSocket: 302,
    rejectedSender: 303,
    rejectedLength: 304,
    rejectedConnector: 305,
    rejectedKind: 306,
    overruns: 307,
    kernelForks: 9_876_543_210,
    threadExits: 308,
    duplicateCoredumps: 309,
    processes: 310,
    tasks: 311,
    pidsLimit: 4_194_304,
    ringSlots: 131_072,
    ringUsedSlots: 312,
    receiveBufferBytes: 134_217_728,
    receiveBufferUsedBytes: 832,
    exitBufferBytes: 134_217_729,
    exitBufferUsedBytes: 1280,
    lostExitRecords: 314,
    lostExecNames: 315,
    pendingExecs: 316,
    lifetime: observed(LIFETIME_BOUNDS, [0.0005, 0.002, 0.002, 5, 100_000]),
    lag: observed(LAG_BOUNDS, [0, 0.00002, 30]),
    resyncs: 317,
    heals: 318,
    collectorUp: 1,
    taskstatsUp: 1,
    execNamesUp: 0,
    staleScrapes: 313,
    suppressedLogLines: 320,
    forksPerSecond: observed(FORKS_PER_SECOND_BOUNDS, [0, 1, 3, 3, 60_000]),
    forkStorms: 321,
    forkStormSeconds: 322,
    lastForkStormTimestamp: 1_795_000_000.125,
    lastCoredumpTimestamp: 1_795_000_001,
    users: [
      { uid: 0, user: 'root' },
      { uid: 1000, user: 'a"b\\c漢' },
    ],
    startTime: 1_794_999_999.5,
  };
}

/** A millisecond apart. */
function birthsOf(aggregator: Aggregator): Float64Array {
  return new Float64Array(aggregator.copy().slots).map((_, slot) => 1_795_000_000 + slot / 1000);
}

function observed(bounds: readonly number[], values: readonly number[]): HistogramCut {
  const histogram = new Histogram(bounds);
  for (const value of values) histogram.observe(value);
  return histogram.copy();
}

/** An ordinary pair, a hostile one, an unknown one, and something folded. */
export function smallCut(): Cut {
  const aggregator = new Aggregator({ pairsMax: 1000 });
  const bash = aggregator.pair(commWords('bash'), 0, 1000);
  (Object.keys(COLUMN) as ColumnName[]).forEach((name, i) => {
    aggregator.add(bash, COLUMN[name], i + 1);
  });
  const hostile = aggregator.pair(commWords('<a"b\\c\n漢'), 0, 0);
  aggregator.add(hostile, COLUMN.forks, 4_294_967_296);
  aggregator.add(hostile, COLUMN.sigterm, 1);
  const unknown = aggregator.pair(new Uint32Array(4).fill(UNKNOWN_WORD), 0, UNKNOWN_UID);
  aggregator.add(unknown, COLUMN.execs, 7);
  aggregator.add(0, COLUMN.exits, 5);
  return cutOf(aggregator);
}
