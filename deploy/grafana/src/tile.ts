// Dashboards: the numbers of a first row. In: a look and a query. Out: a tile an eighth of the width.
import { growth, series, type Scope } from './promql.ts';
import type { Row } from './rows.ts';
import { stat, type Stat } from './stat.ts';

const SIZE = { width: 3, height: 4 } as const;

export function tile(
  look: Omit<Stat, 'width' | 'height' | 'queries'>,
  expr: string,
): Row['panels'][0] {
  return stat({ ...SIZE, ...look, queries: [{ expr, name: look.title }] });
}

/** Processes that dumped core in the time shown: a further event of one that has is none. */
export function coreDumps(scope: Scope): string {
  const dumped = growth(series(scope, 'procevents_events_total', 'event="coredump"'));
  const again = growth(series(scope, 'procevents_duplicate_coredumps_total'));
  return `clamp_min(sum(${dumped}) - sum(${again}), 0)`;
}

/** Lost and shed, in the time shown. */
export function eventsLost(scope: Scope): string {
  const lost = growth(series(scope, 'procevents_lost_events_total'));
  const shed = growth(series(scope, 'procevents_shed_events_total'));
  return `sum(${lost}) + sum(${shed})`;
}
