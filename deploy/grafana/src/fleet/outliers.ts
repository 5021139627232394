// Fleet: which hosts are not like the others. Out: how far above the median, and how far the fleet spreads.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { busiestHosts, byHost, CREATED, EXECUTED, ENDED, timesTheMedian } from './median.ts';
import { graph } from '../graph.ts';
import { LINE_TO_HOST, ROW_TO_HOST } from '../links.ts';
import { BAD, COLOURS, PLAIN, WARNING } from '../palette.ts';
import { series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { FAR_ABOVE, OUTLIER_RATE } from '../thresholds.ts';
import { table, type Column } from '../table.ts';

const LEAST = `${(OUTLIER_RATE / FAR_ABOVE).toFixed(1)} a second`;
const TIMES = 'suffix: ×';
/** Rows of the table: who looks for outliers wants the first few. */
const FIRST = 20;
const created = byHost(CREATED);

function column(name: string, rates: string): Column {
  return {
    name,
    expr: `topk(${FIRST}, ${timesTheMedian(rates)})`,
    unit: TIMES,
    decimals: 1,
    colours: [PLAIN, [FAR_ABOVE / 2, WARNING], [FAR_ABOVE, BAD]],
  };
}

export const OUTLIERS: Row = {
  title: 'Outliers',
  panels: [
    graph({
      title: 'Times the median',
      description: `How many times the fleet’s median rate of processes created each of the ten busiest hosts has. Above the dashed line, ${FAR_ABOVE} times, a host is an outlier. A small median counts as ${LEAST}, so that an outlier does at least ${OUTLIER_RATE} a second.`,
      unit: TIMES,
      decimals: 1,
      width: 8,
      height: 10,
      border: FAR_ABOVE,
      link: LINE_TO_HOST,
      runbooks: ['ForkStorm', 'ProcessChurn'],
      queries: [
        {
          expr: `${timesTheMedian(CREATED)} and on (job, instance) ${busiestHosts(CREATED, series('fleet', 'procevents_forks_per_second_sum'))}`,
          name: '{{instance}}',
        },
      ],
    }),
    graph({
      title: 'Spread',
      description:
        'Processes created a second: the busiest host, and the rates below which 90, 50 and 10 of 100 hosts are. When all lines rise the fleet has more to do; when only the first does, one host has.',
      unit: units.CountsPerSecond,
      width: 8,
      height: 10,
      runbooks: ['ProcessChurn'],
      queries: [
        { expr: `max(${created})`, name: 'busiest' },
        { expr: `quantile(0.9, ${created})`, name: '90 of 100' },
        { expr: `quantile(0.5, ${created})`, name: 'half' },
        { expr: `quantile(0.1, ${created})`, name: '10 of 100' },
      ],
      colours: {
        busiest: COLOURS.storm,
        '90 of 100': 'light-green',
        half: 'green',
        '10 of 100': 'dark-green',
      },
    }),
    table({
      title: 'Farthest above the median',
      description: `Rates of now as multiples of the fleet’s median: the first ${FIRST} hosts of each column. A small median counts as ${LEAST}.`,
      unit: TIMES,
      width: 8,
      height: 10,
      labels: [
        ['instance', 'Host'],
        ['job', 'job'],
      ],
      columns: [column('Created', CREATED), column('Executed', EXECUTED), column('Ended', ENDED)],
      sortBy: 'Created',
      none: 'Prometheus knows no host of this job',
      link: ROW_TO_HOST,
      linkOn: 'Host',
      runbooks: ['ForkStorm', 'ExecFlood'],
    }),
  ],
};
