// Host: what lives, and how long. Out: processes and threads against the limit; the lifetimes of those that ended.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, logarithmic } from '../graph.ts';
import { heat } from '../heat.ts';
import { dashed, inColour, unfilled } from '../look.ts';
import { COLOURS } from '../palette.ts';
import { series } from '../promql.ts';
import type { Row } from '../rows.ts';

const SIZE = { width: 12, height: 10 } as const;
const LIMIT = 'limit';
const of = (name: string): string => series('host', name);

export const ALIVE: Row = {
  title: 'What lives, and how long',
  panels: [
    graph({
      ...SIZE,
      title: 'Alive, and the limit',
      description:
        'Processes, and processes and threads together, against the most that this host can have (dashed). Zombies are not alive, but they have a pid. The scale is logarithmic: each line of the grid is ten times the one below.',
      unit: units.Short,
      decimals: 0,
      runbooks: ['ForkBomb'],
      queries: [
        { expr: of('procevents_processes'), name: 'processes' },
        { expr: of('procevents_tasks'), name: 'processes and threads' },
        { expr: of('procevents_pids_limit'), name: LIMIT },
      ],
      colours: { processes: COLOURS.fork, 'processes and threads': COLOURS.thread },
    })
      .scaleDistribution(logarithmic(10, 1))
      .overrideByName(LIMIT, [inColour(COLOURS.limit), dashed(), unfilled()]),
    heat({
      ...SIZE,
      title: 'How long processes lived',
      description:
        'Each cell tells how many processes ended that had lived so long, of those that were seen born. A dark band at the bottom is a host that spends itself on starting things.',
      unit: units.Seconds,
      scheme: 'Blues',
      runbooks: ['ProcessChurn'],
      expr: `sum by (le) (increase(${of('procevents_process_lifetime_seconds_bucket')}[$__rate_interval]))`,
    }),
  ],
};
