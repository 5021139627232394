// Fleet: what hosts are held against. Out: their rates, and how many times the fleet's median each is.
import { rate, series } from '../promql.ts';
import { FAR_ABOVE, OUTLIER_RATE } from '../thresholds.ts';

const of = (name: string, ...matchers: string[]): string => series('fleet', name, ...matchers);

/** Of each host. The sum of the histogram of seconds counts every process created, in one series a host. */
export const CREATED = rate(of('procevents_forks_per_second_sum'));
export const EXECUTED = rate(of('procevents_events_total', 'event="exec"'));
export const ENDED = `${rate(of('procevents_events_total', 'event="exit"'))} - ignoring (event) ${rate(of('procevents_thread_exits_total'))}`;
export const DUMPED = `60 * ${rate(of('procevents_events_total', 'event="coredump"'))}`;

/** By job and host alone, so that columns of a table find each other. */
export function byHost(expression: string): string {
  return `sum by (job, instance) (${expression})`;
}

export function median(expression: string): string {
  return `quantile(0.5, ${expression})`;
}

/** A smaller median counts as this one, for on a fleet that rests any host would be far above it. */
const LEAST_MEDIAN = `${OUTLIER_RATE} / ${FAR_ABOVE}`;

export function timesTheMedian(expression: string): string {
  const least = `clamp_min(${median(byHost(expression))}, ${LEAST_MEDIAN})`;
  return `${byHost(expression)} / scalar(${least})`;
}

/** How many hosts a graph shows. */
const MOST = 10;

/** The hosts that had most in the time shown, the same at each step. */
export function busiestHosts(expression: string, counter: string): string {
  const chosen = `topk(${MOST}, sum by (job, instance) (increase(${counter}[$__range] @ end())))`;
  return `${byHost(expression)} and on (job, instance) ${chosen}`;
}
