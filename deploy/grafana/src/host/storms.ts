// Host: storms of forks. Out: seconds of storm, how full single seconds were, when the last one was.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph } from '../graph.ts';
import { heat } from '../heat.ts';
import { inUnit } from '../look.ts';
import { COLOURS, PLAIN } from '../palette.ts';
import { growth, perMinute, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { NEVER } from '../states.ts';
import { STORM_SECONDS_A_MINUTE } from '../thresholds.ts';
import { stat, worded } from '../stat.ts';

const of = (name: string): string => series('host', name);

export const STORMS: Row = {
  title: 'Storms',
  panels: [
    graph({
      title: 'Storm seconds a minute',
      description:
        'Of each minute, the seconds in which more processes were created than --storm.threshold. From the dashed line on the alert ForkStorm fires.',
      unit: 'suffix: s/min',
      width: 10,
      height: 9,
      border: STORM_SECONDS_A_MINUTE,
      runbooks: ['ForkStorm', 'ForkBomb'],
      queries: [
        {
          expr: `sum(${perMinute(of('procevents_fork_storm_seconds_total'))})`,
          name: 'storm seconds',
        },
      ],
      colours: { 'storm seconds': COLOURS.storm },
    }),
    heat({
      title: 'Processes created within one second',
      description:
        'Each cell tells how many seconds had so many processes created in them. A rate over a minute hides a burst of one second; this does not.',
      unit: units.Short,
      width: 10,
      height: 9,
      scheme: 'Oranges',
      runbooks: ['ForkStorm'],
      expr: `sum by (le) (increase(${of('procevents_forks_per_second_bucket')}[$__rate_interval]))`,
    }),
    stat({
      title: 'Storms',
      description:
        'How many storms there were in the time shown, and when the last one was since the exporter started. A storm begins with a second over --storm.threshold after ten quiet ones. The log of the exporter has the five busiest of each.',
      unit: units.Short,
      decimals: 0,
      width: 4,
      height: 9,
      colours: [PLAIN],
      runbooks: ['ForkStorm'],
      queries: [
        { expr: `sum(${growth(of('procevents_fork_storms_total'))})`, name: 'storms' },
        {
          expr: `1000 * max(${of('procevents_last_fork_storm_timestamp_seconds')})`,
          name: 'last',
        },
      ],
    }).overrideByName('last', [
      inUnit(units.DateTimeFromNow),
      { id: 'mappings', value: worded(NEVER) },
    ]),
  ],
};
