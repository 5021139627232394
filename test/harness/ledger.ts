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

/**
 * Received by the daemon and lost by it, less sent by the kernel, since a first cut: must be 0. Sent
 * is what the judge received and, where a test lets it lose too, lost by its own ledger. Acks of
 * others who begin to listen are no events, but when one is lost nobody can tell it from one: so many
 * may be counted too many. Where nobody else listens there are none.
 */
export function ledgerError(first: Cut, cut: Cut): number {
  const total = (each: Cut): number => each.scrape.sum('procevents_events_total') + lost(each);
  const accountedFor = total(cut) - total(first);
  const sent = [...EVENT_KINDS, 'lost' as const].reduce(
    (sum, kind) => sum + cut.totals[kind] - first.totals[kind],
    0,
  );
  const error = accountedFor - sent;
  const acks = cut.totals.none - first.totals.none;
  return error > 0 ? Math.max(0, error - acks) : error;
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
    if (ledgerError(first, cut) === 0) break;
  }
  return cut;
}
