// Fleet: which hosts. Out: the busiest against the median, and a table of all, each a way to its own page.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { busiestHosts, byHost, CREATED, EXECUTED, median } from './median.ts';
import { graph, type Graph } from '../graph.ts';
import { LINE_TO_HOST, ROW_TO_HOST } from '../links.ts';
import { dashed, inColour, unfilled, type Panel } from '../look.ts';
import { BAD, COLOURS, GOOD, PLAIN, WARNING } from '../palette.ts';
import { growth, quantile, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { EXPORTER_STATES } from '../states.ts';
import { PIDS_BAD, PIDS_WARNING, STORM_SECONDS_A_MINUTE } from '../thresholds.ts';
import { table } from '../table.ts';

const of = (name: string, ...matchers: string[]): string => series('fleet', name, ...matchers);
const MEDIAN = 'median of all';
const up = `max by (job, instance) (${of('up')})`;
const dumped = growth(of('procevents_events_total', 'event="coredump"'));

function busiest(
  words: Pick<Graph, 'title' | 'description' | 'runbooks'>,
  rates: string,
  counter: string,
): Panel {
  return graph({
    ...words,
    unit: units.CountsPerSecond,
    width: 12,
    height: 10,
    legend: 'right',
    link: LINE_TO_HOST,
    queries: [
      { expr: busiestHosts(rates, counter), name: '{{instance}}' },
      { expr: median(byHost(rates)), name: MEDIAN },
    ],
  }).overrideByName(MEDIAN, [inColour(COLOURS.median), dashed(), unfilled()]);
}

export const HOSTS: Row = {
  title: 'Which hosts',
  panels: [
    busiest(
      {
        title: 'Creating processes',
        description:
          'Processes created a second: the ten hosts that created most in the time shown, and the median of all hosts (dashed). Click a line to see its host.',
        runbooks: ['ForkStorm', 'ProcessChurn'],
      },
      CREATED,
      of('procevents_forks_per_second_sum'),
    ),
    busiest(
      {
        title: 'Executing programs',
        description:
          'Programs executed a second: the ten hosts that executed most in the time shown, and the median of all hosts (dashed).',
        runbooks: ['ExecFlood'],
      },
      EXECUTED,
      of('procevents_events_total', 'event="exec"'),
    ),
    table({
      title: 'Every host',
      description:
        'How each host is now (rates, pids, lag) and what happened to it in the time shown (storm seconds, core dumps, losses). Click a host to see its page, a heading to sort by it.',
      unit: units.Short,
      width: 24,
      height: 12,
      labels: [
        ['instance', 'Host'],
        ['job', 'job'],
      ],
      columns: [
        {
          name: 'Exporter',
          expr: `${up} + max by (job, instance) (${of('procevents_collector_up')}) or ${up}`,
          words: EXPORTER_STATES,
        },
        {
          name: 'Processes created',
          expr: byHost(CREATED),
          unit: units.CountsPerSecond,
          decimals: 1,
          bar: COLOURS.fork,
        },
        {
          name: 'Programs executed',
          expr: byHost(EXECUTED),
          unit: units.CountsPerSecond,
          decimals: 1,
          bar: COLOURS.exec,
        },
        {
          name: 'Alive',
          expr: byHost(of('procevents_tasks')),
          decimals: 0,
        },
        {
          name: 'Of the pids limit',
          expr: `${byHost(of('procevents_tasks'))} / ${byHost(of('procevents_pids_limit'))}`,
          unit: units.PercentUnit,
          decimals: 1,
          colours: [PLAIN, [PIDS_WARNING, WARNING], [PIDS_BAD, BAD]],
        },
        {
          name: 'Storm seconds',
          expr: byHost(growth(of('procevents_fork_storm_seconds_total'))),
          decimals: 0,
          colours: [PLAIN, [0.5, WARNING], [STORM_SECONDS_A_MINUTE, BAD]],
        },
        {
          name: 'Core dumps',
          expr: byHost(dumped),
          decimals: 0,
          colours: [PLAIN, [0.5, BAD]],
        },
        {
          name: 'Events lost',
          expr: `${byHost(growth(of('procevents_lost_events_total')))} + ${byHost(growth(of('procevents_shed_events_total')))}`,
          decimals: 0,
          colours: [GOOD, [0.5, BAD]],
        },
        {
          name: 'Lag',
          expr: quantile(0.99, of('procevents_event_lag_seconds_bucket'), 'job, instance'),
          unit: units.Seconds,
          colours: [PLAIN, [0.1, WARNING], [1, BAD]],
        },
      ],
      sortBy: 'Processes created',
      none: 'Prometheus knows no host of this job',
      link: ROW_TO_HOST,
      linkOn: 'Host',
      runbooks: ['ExporterDown', 'FeedSilent', 'EventsLost'],
    }),
  ],
};
