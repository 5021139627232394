// Host: what did not end well. Out: failures, signals and core dumps over time and by whom.
import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph } from '../graph.ts';
import { COLOURS, BAD, PLAIN, SIGNALS } from '../palette.ts';
import {
  busiestPairs,
  counted,
  named,
  otherPairs,
  pairs,
  perMinute,
  rate,
  series,
} from '../promql.ts';
import type { Row } from '../rows.ts';
import { stat } from '../stat.ts';
import { NEVER } from '../states.ts';
import { table } from '../table.ts';

const SIZE = { width: 12, height: 9 } as const;
const FAILED = 'status other than 0';
const OTHERS = 'all others';
const failures = pairs('host', 'procevents_exit_failures_total');
const signals = pairs('host', 'procevents_exit_signals_total');
const dumps = pairs('host', 'procevents_coredumps_total');
const written = pairs('host', 'procevents_cores_written_total');
/** The host's own counters know a crash of a program that was new; its series by comm begins with it. */
const all = perMinute(series('host', 'procevents_events_total', 'event="coredump"'));
const again = perMinute(series('host', 'procevents_duplicate_coredumps_total'));

const inTheTime = (counter: string): string =>
  `sum by (comm, user, uid) (${named('host', counted('host', counter))}) > 0`;

export const ENDS: Row = {
  title: 'What did not end well',
  panels: [
    graph({
      ...SIZE,
      title: 'Failures and signals',
      description:
        'Processes ended a second with a status other than 0, and by each signal. SIGTERM and SIGKILL are mostly somebody who stops something, the kernel short of memory among them; the red ones are crashes.',
      unit: units.CountsPerSecond,
      shape: 'stack',
      runbooks: ['CrashLoop'],
      queries: [
        { expr: `sum(${rate(failures)})`, name: FAILED },
        { expr: `sum by (signal) (${rate(signals)})`, name: '{{signal}}' },
      ],
      colours: { [FAILED]: COLOURS.failure, ...SIGNALS },
    }),
    graph({
      ...SIZE,
      title: 'Failing',
      description:
        'Processes ended a second with a status other than 0, by command and user: the ten that failed most in the time shown, and all others together.',
      unit: units.CountsPerSecond,
      shape: 'stack',
      legend: 'right',
      runbooks: ['CrashLoop'],
      queries: [
        { expr: busiestPairs(failures), name: '{{comm}} · {{user}}' },
        { expr: otherPairs(failures), name: OTHERS },
      ],
      colours: { [OTHERS]: COLOURS.other },
    }),
    graph({
      title: 'Core dumps over time',
      description:
        'Processes of the whole host that crashed a minute, and those of them whose core was written.',
      unit: units.CountsPerMinute,
      width: 10,
      height: 9,
      runbooks: ['CoreDump', 'CrashLoop'],
      queries: [
        { expr: `clamp_min(sum(${all}) - sum(${again}), 0)`, name: 'crashed' },
        { expr: `sum(${perMinute(written)})`, name: 'core written' },
      ],
      colours: { crashed: COLOURS.coredump, 'core written': COLOURS.written },
    }),
    table({
      title: 'Who dumped core',
      description:
        'Crashes in the time shown by command and user, the first of a new program included. The log of the exporter has the pid, the ancestors and the cgroup of each.',
      unit: units.Short,
      width: 10,
      height: 9,
      decimals: 0,
      labels: [
        ['comm', 'Command'],
        ['user', 'User'],
        ['uid', 'uid'],
      ],
      columns: [
        { name: 'Crashed', expr: inTheTime(dumps), colours: [PLAIN, [0.5, BAD]], decimals: 0 },
        { name: 'Core written', expr: inTheTime(written), decimals: 0 },
      ],
      sortBy: 'Crashed',
      blank: '0',
      none: '0 core dumps in the time shown',
      runbooks: ['CoreDump'],
    }),
    stat({
      title: 'Last core dump',
      description: 'When a process of this host last crashed since the exporter started.',
      unit: units.DateTimeFromNow,
      width: 4,
      height: 9,
      queries: [
        {
          expr: `1000 * max(${series('host', 'procevents_last_coredump_timestamp_seconds')})`,
          name: 'last',
        },
      ],
      words: NEVER,
      colours: [PLAIN],
      runbooks: ['CoreDump'],
    }),
  ],
};
