// Host: can this page be believed? Out: losses, lag, health, names that could not be told, what the exporter costs.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, logarithmic } from '../graph.ts';
import { dashed, inColour, inUnit, unfilled } from '../look.ts';
import { COLOURS } from '../palette.ts';
import { orZero, perMinute, quantile, rate, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { WORKS } from '../states.ts';
import { timeline } from '../timeline.ts';

const THIRD = { width: 8, height: 9 } as const;
const of = (name: string): string => series('host', name);
const lag = of('procevents_event_lag_seconds_bucket');
/** In queries of what one has not to know the labels of. */
const all = (counter: string): string => `sum(${perMinute(of(counter))})`;

export const TRUST: Row = {
  title: 'Can this page be believed?',
  panels: [
    timeline({
      ...THIRD,
      title: 'What is known to work',
      description:
        'The scrape, the feed of events, the exit records of taskstats (CPU time, names of the dead) and the names of perf (exact names of programs). Without the last two, counts stay exact but more names are unknown.',
      unit: units.Short,
      runbooks: ['ExporterDown', 'FeedSilent', 'Unresolved'],
      words: WORKS,
      queries: [
        { expr: of('up'), name: 'scrape' },
        { expr: of('procevents_collector_up'), name: 'feed' },
        { expr: of('procevents_taskstats_up'), name: 'exit records' },
        { expr: of('procevents_exec_names_up'), name: 'exec names' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Lost and shed',
      description:
        'Events a minute that never came (kernel: not queued for want of memory; socket: the receive buffer was full), that came and were shed because the ring was full, and records of the two other sources that were lost. All of it 0: every number on this page is exact.',
      unit: units.CountsPerMinute,
      shape: 'bars',
      runbooks: ['EventsLost'],
      queries: [
        {
          expr: `sum by (stage) (${perMinute(of('procevents_lost_events_total'))})`,
          name: 'lost: {{stage}}',
        },
        { expr: all('procevents_shed_events_total'), name: 'shed' },
        { expr: all('procevents_lost_exit_records_total'), name: 'exit records' },
        { expr: all('procevents_lost_exec_names_total'), name: 'exec names' },
      ],
      colours: { 'lost: kernel': COLOURS.lost, 'lost: socket': 'red', shed: COLOURS.storm },
    }),
    graph({
      ...THIRD,
      title: 'Lag',
      description:
        'From the kernel’s time stamp of an event to its being counted here: half of all events took less than the lower line, 99 of 100 less than the upper. Under load the exporter lets events gather on purpose, for 5 ms (--collector.gather).',
      unit: units.Seconds,
      runbooks: ['EventsLost'],
      queries: [
        { expr: orZero('host', quantile(0.5, lag)), name: 'half of all' },
        { expr: orZero('host', quantile(0.99, lag)), name: '99 of 100' },
      ],
      colours: { 'half of all': COLOURS.fork, '99 of 100': COLOURS.storm },
    }).scaleDistribution(logarithmic(10, 0.000_01)),
    graph({
      ...THIRD,
      title: 'The kernel’s own count',
      description:
        'Processes and threads created a second, as /proc/stat counts them and as they were received. Two lines are a loss; one is none.',
      unit: units.CountsPerSecond,
      runbooks: ['EventsLost', 'FeedSilent'],
      queries: [
        { expr: rate(of('procevents_kernel_forks_total')), name: 'counted by the kernel' },
        {
          expr: rate(series('host', 'procevents_events_total', 'event="fork"')),
          name: 'received',
        },
      ],
      colours: { received: COLOURS.fork },
    }).overrideByName('counted by the kernel', [inColour(COLOURS.median), dashed(), unfilled()]),
    graph({
      ...THIRD,
      title: 'Buffers',
      description:
        'How full the ring between the two threads and the receive buffers of the two sockets were at each scrape. At 100 % events are shed or lost.',
      unit: units.PercentUnit,
      decimals: 1,
      runbooks: ['EventsLost'],
      queries: [
        {
          expr: `sum(${of('procevents_ring_used_slots')}) / sum(${of('procevents_ring_slots')})`,
          name: 'ring',
        },
        {
          expr: `sum by (socket) (${of('procevents_receive_buffer_used_bytes')}) / sum by (socket) (${of('procevents_receive_buffer_bytes')})`,
          name: 'socket: {{socket}}',
        },
      ],
    }).axisSoftMax(1),
    graph({
      ...THIRD,
      title: 'Without a name of its own',
      description:
        'Events a minute that are counted under <unknown>, because the command or the user could not be told for certain, and under <other>, because there were more pairs than --pairs.max.',
      unit: units.CountsPerMinute,
      shape: 'bars',
      runbooks: ['Unresolved', 'SeriesFolded'],
      queries: [
        {
          expr: `sum by (event) (${perMinute(of('procevents_unresolved_total'))})`,
          name: 'unknown: {{event}}',
        },
        { expr: all('procevents_folded_events_total'), name: 'folded into <other>' },
      ],
      colours: { 'folded into <other>': COLOURS.other },
    }),
    graph({
      ...THIRD,
      title: 'Pairs of command and user',
      description:
        'Pairs that have series, the most that can have (dashed), and an estimate of how many there would be without a limit.',
      unit: units.Short,
      decimals: 0,
      runbooks: ['SeriesFolded'],
      queries: [
        { expr: of('procevents_pairs'), name: 'pairs' },
        { expr: of('procevents_pairs_wanted'), name: 'wanted' },
        { expr: of('procevents_pairs_limit'), name: 'limit' },
      ],
      colours: { pairs: COLOURS.fork, wanted: COLOURS.storm },
    }).overrideByName('limit', [inColour(COLOURS.limit), dashed(), unfilled()]),
    graph({
      ...THIRD,
      title: 'Out of the ordinary',
      description:
        'What the exporter had to do a minute that on a calm host it never does: overruns of a buffer, new looks at /proc after a loss, feeds brought back, answers with older values, messages refused, log lines left out.',
      unit: units.CountsPerMinute,
      shape: 'bars',
      runbooks: ['EventsLost', 'FeedSilent'],
      queries: [
        { expr: all('procevents_overruns_total'), name: 'overruns' },
        { expr: all('procevents_resyncs_total'), name: 'looks at /proc' },
        { expr: all('procevents_heals_total'), name: 'feeds brought back' },
        { expr: all('procevents_stale_scrapes_total'), name: 'stale answers' },
        { expr: all('procevents_rejected_messages_total'), name: 'messages refused' },
        { expr: all('procevents_suppressed_log_lines_total'), name: 'log lines left out' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'What the exporter costs',
      description:
        'CPU time in cores, and memory (right axis). Without data where --web.disable-exporter-metrics is set.',
      unit: 'suffix: cores',
      queries: [
        { expr: rate(of('process_cpu_seconds_total')), name: 'CPU' },
        { expr: of('process_resident_memory_bytes'), name: 'memory' },
      ],
      colours: { CPU: COLOURS.exec },
    }).overrideByName('memory', [
      inUnit(units.BytesIEC),
      inColour(COLOURS.exit),
      unfilled(),
      { id: 'custom.axisPlacement', value: 'right' },
    ]),
  ],
};
