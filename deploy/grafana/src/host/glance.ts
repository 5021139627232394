// Host, first row: is it well? Out: eight numbers.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { BAD, COLOURS, GOOD, WARNING } from '../palette.ts';
import { growth, orZero, rate, series } from '../promql.ts';
import type { Row } from '../rows.ts';
import { coreDumps, eventsLost, tile } from '../tile.ts';
import { EXPORTER_STATES } from '../states.ts';
import { PIDS_BAD, PIDS_WARNING, STORM_SECONDS_A_MINUTE } from '../thresholds.ts';

const of = (name: string, ...matchers: string[]): string => series('host', name, ...matchers);

const up = `max(${of('up')})`;
const failed = `sum(${rate(of('procevents_exit_failures_total'))}) + sum(${rate(of('procevents_exit_signals_total'))})`;

export const GLANCE: Row = {
  panels: [
    tile(
      {
        title: 'Exporter',
        description:
          'Watching: it answers and its feed of events is known to work. Blind: it answers, but the kernel sends it nothing. Down: Prometheus cannot reach it.',
        unit: units.Short,
        words: EXPORTER_STATES,
        filled: true,
        runbooks: ['ExporterDown', 'FeedSilent'],
      },
      `${up} + max(${of('procevents_collector_up')}) or ${up}`,
    ),
    tile(
      {
        title: 'Processes created',
        description: 'Processes created a second, by whomever. Threads are not counted.',
        unit: units.CountsPerSecond,
        past: true,
        colours: [COLOURS.fork],
        runbooks: ['ForkStorm', 'ProcessChurn'],
      },
      rate(of('procevents_forks_per_second_sum')),
    ),
    tile(
      {
        title: 'Programs executed',
        description: 'Programs started a second: calls of execve that succeeded.',
        unit: units.CountsPerSecond,
        past: true,
        colours: [COLOURS.exec],
        runbooks: ['ExecFlood'],
      },
      rate(of('procevents_events_total', 'event="exec"')),
    ),
    tile(
      {
        title: 'Ended badly',
        description:
          'Of the processes that ended, the share that did so with a status other than 0 or by a signal. Scripts test with failing commands: a third can be usual. Look for a change.',
        unit: units.PercentUnit,
        past: true,
        decimals: 1,
        colours: [COLOURS.failure],
        runbooks: ['CrashLoop'],
      },
      orZero('host', `(${failed}) / (sum(${rate(of('procevents_exits_total'))}) > 0)`),
    ),
    tile(
      {
        title: 'Core dumps',
        description: 'Processes that crashed in the time shown, whether or not a core was written.',
        unit: units.Short,
        decimals: 0,
        colours: [GOOD, [0.5, BAD]],
        runbooks: ['CoreDump'],
      },
      coreDumps('host'),
    ),
    tile(
      {
        title: 'Storm seconds',
        description:
          'Seconds in the time shown in which more processes were created than --storm.threshold (2,000, if nobody set it).',
        unit: units.Short,
        decimals: 0,
        colours: [GOOD, [0.5, WARNING], [STORM_SECONDS_A_MINUTE, BAD]],
        runbooks: ['ForkStorm'],
      },
      `sum(${growth(of('procevents_fork_storm_seconds_total'))})`,
    ),
    tile(
      {
        title: 'Of the pids limit',
        description:
          'Processes and threads alive, of the most that this host can have: the smaller of kernel.pid_max and kernel.threads-max. At 100 % nobody can start anything, not even a shell.',
        unit: units.PercentUnit,
        past: true,
        decimals: 1,
        colours: [GOOD, [PIDS_WARNING, WARNING], [PIDS_BAD, BAD]],
        runbooks: ['ForkBomb'],
      },
      `sum(${of('procevents_tasks')}) / sum(${of('procevents_pids_limit')})`,
    ),
    tile(
      {
        title: 'Events lost',
        description:
          'Events of the time shown that are in no series by command: never received, or received and shed because the ring was full. 0 means that every number on this page is exact.',
        unit: units.Short,
        decimals: 0,
        colours: [GOOD, [0.5, BAD]],
        runbooks: ['EventsLost'],
      },
      eventsLost('host'),
    ),
  ],
};
