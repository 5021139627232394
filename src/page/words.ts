// Page: what a report says, in sentences. For people who cannot see the chart, and for those who would rather read.
import type { SummaryReport, SummaryStorm } from '../http/summary-report.ts';
import {
  clockText,
  countText,
  counted,
  durationText,
  rateText,
  secondAt,
  shortText,
  timeText,
  userText,
} from './format.ts';

export const SERIES = ['forks', 'execs', 'exits', 'failures'] as const;
export type Series = (typeof SERIES)[number];

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

/** Of all that the chart shows. */
export function chartText(report: SummaryReport): string {
  const { rates } = report;
  const seconds = rates.forks.length;
  if (seconds === 0) return 'The first second is not over yet.';
  const parts = SERIES.map((series) => {
    const values = rates[series];
    const most = Math.max(...values);
    if (most === 0) return `no ${series}`;
    const at = clockText(secondAt(report, values.indexOf(most)));
    return `${rateText(sum(values) / seconds)} ${series} a second and at most ${countText(most)}, at ${at}`;
  });
  const [last = '', ...first] = parts.toReversed();
  const marked = [
    sum(rates.storms) > 0 && counted(sum(rates.storms), 'storm second'),
    sum(rates.coredumps) > 0 && counted(sum(rates.coredumps), 'core dump'),
  ].filter((part) => part !== false);
  const also = marked.length === 0 ? 'No storm and no core dump.' : `${marked.join(', ')}.`;
  return `In the last ${durationText(seconds)}, on average: ${first.toReversed().join('; ')}; ${last}. ${also}`;
}

/** `asOf`: when that was so, if nothing is known of now. */
export function stormText(storm: SummaryStorm, asOf?: string): string {
  const { created, peakPerSecond, creators } = storm;
  const [busiest] = creators;
  const who =
    busiest === undefined
      ? ''
      : ` Most by ${busiest.comm} of ${userText(busiest)}, pid ${busiest.pid}.`;
  const then = asOf === undefined ? '' : `, as of ${asOf}`;
  return `Fork storm since ${clockText(Date.parse(storm.start) / 1000)}${then}: ${counted(created, 'process', 'processes')} created, at most ${countText(peakPerSecond)} in a second.${who}`;
}

/** The five, in the order of the log line. Processes of one name are told apart by their pids. */
export function creatorsText({ creators }: SummaryStorm): string {
  return creators
    .map((one) => {
      const alone = creators.every(({ comm, pid }) => comm !== one.comm || pid === one.pid);
      const who = alone ? userText(one) : `${userText(one)}, pid ${one.pid}`;
      return `${one.comm} (${who}) ${countText(one.created)}`;
    })
    .join(', ');
}

export function lossText({ lost, overruns, pairs, pairsLimit }: SummaryReport): string {
  const unseen = lost.kernel + lost.socket;
  const parts = [
    unseen === 0
      ? 'No event was lost since the start.'
      : `${counted(unseen, 'event was', 'events were')} lost since the start: ${countText(lost.kernel)} in the kernel, ${countText(lost.socket)} at the socket, in ${counted(overruns, 'overrun')}.`,
    lost.shed > 0 &&
      `${counted(lost.shed, 'event was', 'events were')} counted without saying whose they are, as the ring was full.`,
    `${countText(pairs)} of at most ${counted(pairsLimit, 'pair')} of command and user are counted apart.`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

export function lagText({ lag, time }: SummaryReport): string {
  if (lag.events === 0) return `No event has come so far (${timeText(time, time)}).`;
  const within = (bound: number | null): string =>
    bound === null ? 'later than 10 s' : `within ${shortText(bound)}`;
  const [half, p99, all] = [lag.half, lag.p99, lag.all].map(within);
  return `Of ${counted(lag.events, 'event')}, half were counted ${half} of the kernel’s time stamp, 99 % ${p99}, and all of them ${all}.`;
}
