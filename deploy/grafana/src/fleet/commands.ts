// Fleet: which commands. Out: the busiest of all hosts together, and a table of them with how many hosts have each.
// These read every pair of every host, the rest of the page a few series a host.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, type Graph } from '../graph.ts';
import type { Panel } from '../look.ts';
import { BAD, COLOURS, PLAIN, WARNING } from '../palette.ts';
import { busiestCommands, counted, growth, pairs } from '../promql.ts';
import type { Row } from '../rows.ts';
import { table, type Column } from '../table.ts';

/** Rows a column of the table: a fleet has thousands of names, most of them once. */
const FIRST = 50;

function busiest(counter: string, words: Pick<Graph, 'title' | 'description' | 'runbooks'>): Panel {
  return graph({
    ...words,
    unit: units.CountsPerSecond,
    width: 12,
    height: 10,
    shape: 'stack',
    legend: 'right',
    queries: [{ expr: busiestCommands(pairs('fleet', counter)), name: '{{comm}}' }],
  });
}

function column(name: string, counter: string, rest: Partial<Column>): Column {
  const expr = `topk(${FIRST}, sum by (comm) (${growth(pairs('fleet', counter))}) > 0)`;
  return { name, expr, unit: units.Short, decimals: 0, ...rest };
}

export const COMMANDS: Row = {
  title: 'Which commands',
  panels: [
    busiest('procevents_forks_total', {
      title: 'Creating processes',
      description:
        'Processes created a second on all hosts together: the ten commands that created most in the time shown.',
      runbooks: ['ForkStorm', 'ForkBomb'],
    }),
    busiest('procevents_execs_total', {
      title: 'Being executed',
      description:
        'Programs executed a second on all hosts together: the ten executed most in the time shown.',
      runbooks: ['ExecFlood'],
    }),
    table({
      title: 'Commands of the fleet',
      description: `What each command did on all hosts together in the time shown, the first ${FIRST} of each column, and on how many hosts it did anything.`,
      unit: units.Short,
      width: 24,
      height: 11,
      labels: [['comm', 'Command']],
      columns: [
        {
          name: 'Hosts',
          expr: `count by (comm) (sum by (job, instance, comm) (${growth(pairs('fleet', 'procevents_exits_total'))}) > 0)`,
          decimals: 0,
        },
        column('Processes', 'procevents_forks_total', { bar: COLOURS.fork }),
        column('Programs', 'procevents_execs_total', { bar: COLOURS.exec }),
        column('Ended', 'procevents_exits_total', { bar: COLOURS.exit }),
        column('Failed', 'procevents_exit_failures_total', { colours: [PLAIN, [0.5, WARNING]] }),
        {
          name: 'Core dumps',
          expr: `topk(${FIRST}, sum by (comm) (${counted('fleet', pairs('fleet', 'procevents_coredumps_total'))}) > 0)`,
          decimals: 0,
          colours: [PLAIN, [0.5, BAD]],
        },
        column('CPU time', 'procevents_exited_cpu_seconds_total', {
          unit: units.Seconds,
          decimals: 1,
        }),
      ],
      sortBy: 'Programs',
      none: 'No command did anything in the time shown',
      runbooks: ['CrashLoop', 'ExecFlood'],
    }),
  ],
};
