// Host: who does it. Out: the busiest by command and user, and a table of all that did anything.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, type Graph } from '../graph.ts';
import { ROW_TO_COMMAND } from '../links.ts';
import type { Panel } from '../look.ts';
import { BAD, COLOURS, PLAIN, WARNING } from '../palette.ts';
import { busiestPairs, counted, named, otherPairs, pairs } from '../promql.ts';
import type { Row } from '../rows.ts';
import { table, type Column } from '../table.ts';

const OTHERS = 'all others';
const CORES = 'suffix: cores';

type Words = Pick<Graph, 'title' | 'description' | 'unit' | 'runbooks'>;

function busiest(counter: string, words: Words): Panel {
  return graph({
    ...words,
    width: 12,
    height: 10,
    shape: 'stack',
    legend: 'right',
    queries: [
      { expr: busiestPairs(pairs('host', counter)), name: '{{comm}} · {{user}}' },
      { expr: otherPairs(pairs('host', counter)), name: OTHERS },
    ],
    colours: { [OTHERS]: COLOURS.other },
  });
}

/** How often each pair did it in the time shown; those that never did are left out. */
function column(name: string, counter: string, rest: Partial<Column>): Column {
  const each = named('host', counted('host', pairs('host', counter)));
  const expr = `sum by (comm, user, uid) (${each}) > 0`;
  return { name, expr, unit: units.Short, decimals: 0, ...rest };
}

export const WHO: Row = {
  title: 'Who does it',
  panels: [
    busiest('procevents_forks_total', {
      title: 'Creating processes',
      description:
        'Processes created a second, by command and user of who created them: the ten that created most in the time shown, and all others together.',
      unit: units.CountsPerSecond,
      runbooks: ['ForkStorm', 'ForkBomb'],
    }),
    busiest('procevents_execs_total', {
      title: 'Executing programs',
      description:
        'Programs executed a second, by the name of the program and its user: the ten executed most in the time shown, and all others together.',
      unit: units.CountsPerSecond,
      runbooks: ['ExecFlood'],
    }),
    busiest('procevents_exits_total', {
      title: 'Ending',
      description:
        'Processes ended a second, however they ended, by command and user at their end: the ten that ended most in the time shown, and all others together.',
      unit: units.CountsPerSecond,
      runbooks: ['ProcessChurn', 'CrashLoop'],
    }),
    busiest('procevents_exited_cpu_seconds_total', {
      title: 'CPU time of what has ended',
      description:
        'CPU time that processes and threads had used when they ended, in cores. Here is what lived too briefly for top to see. Who runs for hours shows as one peak at the end.',
      unit: CORES,
      runbooks: ['ProcessChurn'],
    }),
    table({
      title: 'Everybody',
      description:
        'What each command and user did in the time shown, the first time included. Click a command to see the page for it alone, a heading to sort by it.',
      unit: units.Short,
      width: 24,
      height: 12,
      labels: [
        ['comm', 'Command'],
        ['user', 'User'],
        ['uid', 'uid'],
      ],
      columns: [
        column('Processes', 'procevents_forks_total', { bar: COLOURS.fork }),
        column('Threads', 'procevents_thread_creations_total', { bar: COLOURS.thread }),
        column('Programs', 'procevents_execs_total', { bar: COLOURS.exec }),
        column('Ended', 'procevents_exits_total', { bar: COLOURS.exit }),
        column('Failed', 'procevents_exit_failures_total', { colours: [PLAIN, [0.5, WARNING]] }),
        column('By signal', 'procevents_exit_signals_total', { colours: [PLAIN, [0.5, WARNING]] }),
        column('Core dumps', 'procevents_coredumps_total', { colours: [PLAIN, [0.5, BAD]] }),
        column('CPU time', 'procevents_exited_cpu_seconds_total', {
          unit: units.Seconds,
          decimals: 2,
        }),
      ],
      sortBy: 'Processes',
      blank: '0',
      none: 'Nobody did anything in the time shown',
      link: ROW_TO_COMMAND,
      linkOn: 'Command',
      runbooks: ['SeriesFolded', 'Unresolved'],
    }),
  ],
};
