// Fleet: can this page be believed? Out: hosts that are down or blind, losses, lag, missing witnesses, versions.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { busiestHosts } from './median.ts';
import { graph, logarithmic } from '../graph.ts';
import { LINE_TO_HOST, ROW_TO_HOST } from '../links.ts';
import { BAD, COLOURS, GOOD, WARNING } from '../palette.ts';
import { orZero, perMinute, quantile, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { EXPORTER_STATES } from '../states.ts';
import { table } from '../table.ts';

const THIRD = { width: 8, height: 9 } as const;
/** Lines a graph of the hosts with the largest values of now has. */
const MOST = 10;
const of = (name: string, ...matchers: string[]): string => series('fleet', name, ...matchers);
const up = `max by (job, instance) (${of('up')})`;
const states = `${up} + max by (job, instance) (${of('procevents_collector_up')}) or ${up}`;
const missing = (name: string): string => orZero('fleet', `count(${of(name)} == 0)`);
const worst = quantile(0.99, of('procevents_event_lag_seconds_bucket'), 'job, instance');
const lost = of('procevents_lost_events_total');

export const TRUST: Row = {
  title: 'Can this page be believed?',
  panels: [
    graph({
      ...THIRD,
      title: 'Hosts by state',
      description:
        'Exporters that watch; that are blind, because the kernel sends them no events; that Prometheus cannot reach.',
      unit: units.Short,
      decimals: 0,
      shape: 'stack',
      runbooks: ['ExporterDown', 'FeedSilent'],
      queries: [
        { expr: orZero('fleet', `count(${of('procevents_collector_up')} == 1)`), name: 'watching' },
        { expr: missing('procevents_collector_up'), name: 'blind' },
        { expr: missing('up'), name: 'down' },
      ],
      colours: { watching: GOOD, blind: WARNING, down: BAD },
    }),
    table({
      ...THIRD,
      title: 'Down or blind',
      description:
        'Hosts that are not watched now. A host that Prometheus no longer has among its targets is not here.',
      unit: units.Short,
      labels: [
        ['instance', 'Host'],
        ['job', 'job'],
      ],
      columns: [{ name: 'Exporter', expr: `(${states}) < 2`, words: EXPORTER_STATES }],
      sortBy: 'Host',
      ascending: true,
      none: '0 hosts are down or blind',
      link: ROW_TO_HOST,
      linkOn: 'Host',
      runbooks: ['ExporterDown', 'FeedSilent'],
    }),
    graph({
      ...THIRD,
      title: 'Lost events',
      description:
        'Events a minute proven lost, never seen: the ten hosts that lost most in the time shown. All of it 0: the counts of all hosts are exact.',
      unit: units.CountsPerMinute,
      shape: 'stack',
      link: LINE_TO_HOST,
      runbooks: ['EventsLost'],
      queries: [{ expr: busiestHosts(perMinute(lost), lost), name: '{{instance}}' }],
    }),
    graph({
      ...THIRD,
      title: 'Lag',
      description:
        'From the kernel’s time stamp to the count, for 99 of 100 events: the slowest hosts at each time, at most ten.',
      unit: units.Seconds,
      link: LINE_TO_HOST,
      runbooks: ['EventsLost'],
      queries: [{ expr: `topk(${MOST}, ${worst})`, name: '{{instance}}' }],
    }).scaleDistribution(logarithmic(10, 0.000_01)),
    graph({
      ...THIRD,
      title: 'Without a witness, or full',
      description:
        'Hosts without exit records (no CPU time), without names from perf (more names unknown), and hosts that fold commands into <other> because --pairs.max is reached.',
      unit: units.Short,
      decimals: 0,
      runbooks: ['Unresolved', 'SeriesFolded'],
      queries: [
        { expr: missing('procevents_taskstats_up'), name: 'no exit records' },
        { expr: missing('procevents_exec_names_up'), name: 'no exec names' },
        {
          expr: orZero('fleet', `count(${perMinute(of('procevents_folded_events_total'))} > 0)`),
          name: 'folding',
        },
      ],
      colours: { folding: COLOURS.storm },
    }),
    table({
      ...THIRD,
      title: 'Versions',
      description: 'How many hosts run which version of the exporter, on which Node.',
      unit: units.Short,
      labels: [
        ['version', 'Version'],
        ['revision', 'Revision'],
        ['nodeversion', 'Node'],
        ['arch', 'CPU'],
      ],
      columns: [
        {
          name: 'Hosts',
          expr: `count by (version, revision, nodeversion, arch) (${of('procevents_build_info')})`,
          decimals: 0,
          bar: COLOURS.exec,
        },
      ],
      sortBy: 'Hosts',
      none: 'Prometheus knows no host of this job',
    }),
  ],
};
