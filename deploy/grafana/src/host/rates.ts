// Host: how much happens. Out: processes and threads by what becomes of them; the kernel's events by kind.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph } from '../graph.ts';
import { COLOURS, EVENTS } from '../palette.ts';
import { rate, series } from '../promql.ts';
import type { Row } from '../rows.ts';

const SIZE = { width: 12, height: 9 } as const;
const of = (name: string, ...matchers: string[]): string => series('host', name, ...matchers);
const ended = `sum(${rate(of('procevents_events_total', 'event="exit"'))}) - sum(${rate(of('procevents_thread_exits_total'))})`;

export const RATES: Row = {
  title: 'What happens',
  panels: [
    graph({
      ...SIZE,
      title: 'Processes and threads',
      description:
        'Processes created, programs executed, processes and threads ended, a second. Created and ended run together on a host that is well; a gap that stays is a host that fills up.',
      unit: units.CountsPerSecond,
      runbooks: ['ForkStorm', 'ForkBomb', 'ProcessChurn'],
      queries: [
        { expr: rate(of('procevents_forks_per_second_sum')), name: 'processes created' },
        { expr: rate(of('procevents_events_total', 'event="exec"')), name: 'programs executed' },
        { expr: `clamp_min(${ended}, 0)`, name: 'processes ended' },
        {
          expr: `sum(${rate(of('procevents_thread_creations_total'))})`,
          name: 'threads created',
        },
        { expr: rate(of('procevents_thread_exits_total')), name: 'threads ended' },
      ],
      colours: {
        'processes created': COLOURS.fork,
        'programs executed': COLOURS.exec,
        'processes ended': COLOURS.exit,
        'threads created': COLOURS.thread,
        'threads ended': COLOURS.threadExit,
      },
    }),
    graph({
      ...SIZE,
      title: 'Events by kind',
      description:
        'What the kernel told, as it tells it: fork and exit count every thread, and comm is a process or thread that renamed itself.',
      unit: units.EventsPerSecond,
      runbooks: ['FeedSilent'],
      queries: [
        { expr: `sum by (event) (${rate(of('procevents_events_total'))})`, name: '{{event}}' },
      ],
      colours: EVENTS,
    }),
  ],
};
