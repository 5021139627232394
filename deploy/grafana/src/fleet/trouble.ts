// Fleet: crashes, failures and storms. Out: over time by host, and who crashed where.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { busiestHosts, DUMPED } from './median.ts';
import { graph } from '../graph.ts';
import { LINE_TO_HOST, ROW_TO_HOST } from '../links.ts';
import { BAD, PLAIN } from '../palette.ts';
import { counted, named, pairs, perMinute, rate, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { STORM_SECONDS_A_MINUTE } from '../thresholds.ts';
import { table } from '../table.ts';

const SIZE = { width: 8, height: 10 } as const;
/** Rows of the table of crashes. */
const FIRST = 100;
const of = (name: string, ...matchers: string[]): string => series('fleet', name, ...matchers);
const failures = pairs('fleet', 'procevents_exit_failures_total');

export const TROUBLE: Row = {
  title: 'Crashes, failures and storms',
  panels: [
    graph({
      ...SIZE,
      title: 'Core dumps',
      description: 'Core dumps a minute: the ten hosts that had most in the time shown.',
      unit: units.CountsPerMinute,
      shape: 'stack',
      link: LINE_TO_HOST,
      runbooks: ['CoreDump', 'CrashLoop'],
      queries: [
        {
          expr: busiestHosts(DUMPED, of('procevents_events_total', 'event="coredump"')),
          name: '{{instance}}',
        },
      ],
    }),
    graph({
      ...SIZE,
      title: 'Failures',
      description:
        'Processes ended a second with a status other than 0: the ten hosts that had most in the time shown.',
      unit: units.CountsPerSecond,
      shape: 'stack',
      link: LINE_TO_HOST,
      runbooks: ['CrashLoop'],
      queries: [{ expr: busiestHosts(rate(failures), failures), name: '{{instance}}' }],
    }),
    graph({
      ...SIZE,
      title: 'Storm seconds a minute',
      description:
        'Of each minute, the seconds over --storm.threshold: the ten hosts that had most in the time shown. From the dashed line on the alert ForkStorm fires.',
      unit: 'suffix: s/min',
      border: STORM_SECONDS_A_MINUTE,
      link: LINE_TO_HOST,
      runbooks: ['ForkStorm', 'ForkBomb'],
      queries: [
        {
          expr: busiestHosts(
            perMinute(of('procevents_fork_storm_seconds_total')),
            of('procevents_fork_storm_seconds_total'),
          ),
          name: '{{instance}}',
        },
      ],
    }),
    table({
      title: 'Who dumped core where',
      description: `Crashes in the time shown by host, command and user, the first of a new program included: the ${FIRST} that crashed most. Click a host to see its page.`,
      unit: units.Short,
      width: 24,
      height: 9,
      labels: [
        ['instance', 'Host'],
        ['job', 'job'],
        ['comm', 'Command'],
        ['user', 'User'],
        ['uid', 'uid'],
      ],
      columns: [
        {
          name: 'Crashed',
          expr: `topk(${FIRST}, sum by (job, instance, comm, user, uid) (${named('fleet', counted('fleet', pairs('fleet', 'procevents_coredumps_total')))}) > 0)`,
          decimals: 0,
          colours: [PLAIN, [0.5, BAD]],
        },
      ],
      sortBy: 'Crashed',
      none: '0 core dumps in the time shown',
      link: ROW_TO_HOST,
      linkOn: 'Host',
      runbooks: ['CoreDump', 'CrashLoop'],
    }),
  ],
};
