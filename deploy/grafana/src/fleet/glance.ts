// Fleet, first row: is it well? Out: eight numbers.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { BAD, COLOURS, GOOD, PLAIN, WARNING } from '../palette.ts';
import { CREATED, timesTheMedian } from './median.ts';
import { orZero, rate, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { FAR_ABOVE, OUTLIER_RATE } from '../thresholds.ts';
import { coreDumps, eventsLost, tile } from '../tile.ts';

const of = (name: string, ...matchers: string[]): string => series('fleet', name, ...matchers);

export const GLANCE: Row = {
  panels: [
    tile(
      {
        title: 'Hosts watched',
        description: 'Exporters that answer and whose feed of events is known to work.',
        unit: units.Short,
        decimals: 0,
        past: true,
        colours: [BAD, [1, GOOD]],
      },
      orZero('fleet', `count(${of('procevents_collector_up')} == 1)`),
    ),
    tile(
      {
        title: 'Down',
        description:
          'Exporters that Prometheus cannot reach. The last row of this page lists them.',
        unit: units.Short,
        decimals: 0,
        past: true,
        colours: [GOOD, [1, BAD]],
        runbooks: ['ExporterDown'],
      },
      orZero('fleet', `count(${of('up')} == 0)`),
    ),
    tile(
      {
        title: 'Blind',
        description: 'Exporters that answer, but to which the kernel sends no events.',
        unit: units.Short,
        decimals: 0,
        past: true,
        colours: [GOOD, [1, BAD]],
        runbooks: ['FeedSilent'],
      },
      orZero('fleet', `count(${of('procevents_collector_up')} == 0)`),
    ),
    tile(
      {
        title: 'Processes created',
        description: 'Processes created a second on all hosts together.',
        unit: units.CountsPerSecond,
        past: true,
        colours: [COLOURS.fork],
        runbooks: ['ProcessChurn'],
      },
      `sum(${CREATED})`,
    ),
    tile(
      {
        title: 'Outliers',
        description: `Hosts that create processes at more than ${FAR_ABOVE} times the fleet’s median rate, and more than ${OUTLIER_RATE} a second.`,
        unit: units.Short,
        decimals: 0,
        past: true,
        colours: [PLAIN, [1, WARNING]],
        runbooks: ['ForkStorm', 'ProcessChurn'],
      },
      orZero('fleet', `count(${timesTheMedian(CREATED)} > ${FAR_ABOVE})`),
    ),
    tile(
      {
        title: 'In a storm',
        description:
          'Hosts that had a second with more processes created than --storm.threshold, now or a moment ago.',
        unit: units.Short,
        decimals: 0,
        past: true,
        colours: [GOOD, [1, WARNING]],
        runbooks: ['ForkStorm', 'ForkBomb'],
      },
      orZero('fleet', `count(${rate(of('procevents_fork_storm_seconds_total'))} > 0)`),
    ),
    tile(
      {
        title: 'Core dumps',
        description: 'Processes that crashed in the time shown on all hosts together.',
        unit: units.Short,
        decimals: 0,
        colours: [GOOD, [0.5, BAD]],
        runbooks: ['CoreDump'],
      },
      coreDumps('fleet'),
    ),
    tile(
      {
        title: 'Events lost',
        description:
          'Events of the time shown that no series by command has, never received or shed, on all hosts together.',
        unit: units.Short,
        decimals: 0,
        colours: [GOOD, [0.5, BAD]],
        runbooks: ['EventsLost'],
      },
      eventsLost('fleet'),
    ),
  ],
};
