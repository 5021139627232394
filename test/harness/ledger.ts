// Loss against the judge: what it received is what the daemon received and says it lost. Input: a
// stage. Output: cuts in which no loss is left unproven.
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { EVENT_KINDS } from './judge.ts';
import type { Cut, Stage } from './stage.ts';

const run = promisify(execFile);
const TRIES = 50; // the touching itself may overrun a tiny buffer

export function lost({ scrape }: Cut): number {
  return scrape.sum('procevents_lost_events_total');
}

/** Received by the daemon and lost by it, since a first cut. */
export function accountedFor(first: Cut, cut: Cut): number {
  const total = (each: Cut): number => each.scrape.sum('procevents_events_total') + lost(each);
  return total(cut) - total(first);
}

/** Sent by the kernel, as the judge received it, since a first cut. */
export function sent(first: Cut, { totals }: Cut): number {
  return EVENT_KINDS.reduce((sum, kind) => sum + totals[kind] - first.totals[kind], 0);
}

/**
 * A loss at the end of a burst shows when the next message of that CPU comes, so each CPU is made to
 * send some. Tried again while the books are open: a ledger that counts one too many or one too few
 * stays wrong for ever, so this hides nothing.
 */
export async function settledCut(stage: Stage, first: Cut = stage.first): Promise<Cut> {
  let cut = first;
  for (let tries = 0; tries < TRIES; tries++) {
    for (const cpu of cpus().keys()) await run('taskset', ['--cpu-list', String(cpu), 'true']);
    cut = await stage.cut();
    if (accountedFor(first, cut) === sent(first, cut)) break;
  }
  return cut;
}
