// The contract's conservation rules. Input: one scrape, or two. Output: what does not close.
// Families that later versions bring count as 0 where they are not there.
import type { Samples } from './exposition.ts';

export interface Account {
  readonly event: string;
  readonly counted: number;
  readonly received: number;
}

/** Rules 2 to 5: whatever was received was counted somewhere, exactly once. */
function accounts(scrape: Samples): Account[] {
  const account = (
    event: string,
    retired: readonly string[],
    names: readonly string[],
  ): Account => {
    const sums = names.map((name) => scrape.sum(`procevents_${name}`));
    const gone = retired.map((kind) =>
      scrape.valueOr0('procevents_retired_events_total', { event: kind }),
    );
    const shed = scrape.value('procevents_shed_events_total', { event });
    return {
      event,
      counted: [...sums, ...gone, shed].reduce((sum, each) => sum + each, 0),
      received: scrape.value('procevents_events_total', { event }),
    };
  };
  return [
    account('fork', ['fork', 'thread'], ['forks_total', 'thread_creations_total']),
    account('exec', ['exec'], ['execs_total', 'pending_execs']),
    account('exit', ['exit'], ['exits_total', 'thread_exits_total']),
    account('coredump', ['coredump'], ['coredumps_total', 'duplicate_coredumps_total']),
  ];
}

/** The accounts that do not close: must be none. */
export function openAccounts(scrape: Samples): Account[] {
  return accounts(scrape).filter(({ counted, received }) => counted !== received);
}

export interface ForkBooks {
  /** Growth of the kernel's own count less growth of ours. */
  readonly missing: number;
  readonly lost: number;
}

/** Rule 1 holds when 0 <= missing <= lost, provided that no fork was in flight at either cut. */
export function forkBooks(before: Samples, after: Samples): ForkBooks {
  const growth = (read: (scrape: Samples) => number): number => read(after) - read(before);
  const kernel = growth((scrape) => scrape.value('procevents_kernel_forks_total'));
  const ours = growth((scrape) => scrape.value('procevents_events_total', { event: 'fork' }));
  const lost = growth((scrape) => scrape.sum('procevents_lost_events_total'));
  return { missing: kernel - ours, lost };
}
