// Dashboards: the queries' pieces. In: names of metrics. Out: PromQL, with Grafana's variables in it.
// They ask for raw metrics only, so a Prometheus without our recording rules answers them too.

/** Host shows one, Fleet any number. */
const SCOPES = {
  host: 'job="$job",instance="$instance"',
  fleet: 'job=~"$job",instance=~"$instance"',
} as const;
export type Scope = keyof typeof SCOPES;

/** The series of one metric. */
export function series(scope: Scope, name: string, ...matchers: readonly string[]): string {
  return `${name}{${[SCOPES[scope], ...matchers].join(',')}}`;
}

/** Those by comm, of which Host can show one alone. */
export function pairs(scope: Scope, name: string, ...matchers: readonly string[]): string {
  return series(scope, name, ...(scope === 'host' ? ['comm=~"$comm"'] : []), ...matchers);
}

export function rate(counter: string): string {
  return `rate(${counter}[$__rate_interval])`;
}

/** For what happens seldom: a rate, so that no event stands in two bars, in a unit that can be read. */
export function perMinute(counter: string): string {
  return `60 * ${rate(counter)}`;
}

/** In the time shown. */
export function growth(counter: string): string {
  return `increase(${counter}[$__range])`;
}

/** What there has to be for a 0 to be true: of a host, an exporter that answers; of a fleet, its targets. */
const SEEN = { host: 'procevents_collector_up', fleet: 'up' } as const;

/** A sum that is 0 where there is nothing to add up. */
export function orZero(scope: Scope, expression: string): string {
  return `${expression} or 0 * sum(${series(scope, SEEN[scope])})`;
}

/**
 * In the time shown, with what a pair had counted when it was first seen: increase() leaves that out, and of a program
 * that crashes at once it is all there is. Only of exporters that Prometheus knew before, else it would be their past.
 */
export function counted(scope: Scope, counter: string): string {
  const known = `${series(scope, 'procevents_build_info')} offset $__range`;
  const first = `min_over_time(${counter}[$__range]) unless ${counter} offset $__range and on (job, instance) ${known}`;
  return `(${growth(counter)} + (${first}) or ${growth(counter)})`;
}

/**
 * With the label user: the name, or the uid where it has none (a user that is gone, or of a container). All uids of the
 * time shown are looked up once, not again at each step. Where a uid has two names (two daemons under one address, two
 * lines of /etc/passwd) either will do; both would fail the query.
 */
export function named(scope: Scope, expression: string): string {
  const forks = `last_over_time(${series(scope, 'procevents_forks_total')}[$__range] @ end())`;
  const uids = `group by (job, instance, uid) (${forks})`;
  const nameless = `label_replace(${uids}, "user", "$1", "uid", "(.+)")`;
  const one = `topk by (job, instance, uid) (1, group by (job, instance, uid, user) (${series(scope, 'procevents_user_info')}))`;
  const names = `${one} or on (job, instance, uid) ${nameless}`;
  return `(${expression}) * on (job, instance, uid) group_left (user) (${names})`;
}

/** How many lines a graph of the busiest has: more cannot be told apart. */
const BUSIEST = 10;

/** Of the whole time shown, the same ones at each step: else lines come and go, and there are far more than ten. */
function busiest(counter: string, by: string): string {
  return `topk(${BUSIEST}, sum by (${by}) (increase(${counter}[$__range] @ end())) > 0)`;
}

/** Rates of the busiest pairs of one host, by comm and user. */
export function busiestPairs(counter: string): string {
  const chosen = `${rate(counter)} and on (comm, uid) ${busiest(counter, 'comm, uid')}`;
  const pair = `sum by (job, instance, comm, uid) (${chosen})`;
  return `sum by (comm, user) (${named('host', pair)})`;
}

/** What is left beside the busiest: the two together are the whole. 0 when nobody does anything. */
export function otherPairs(counter: string): string {
  const others = `${rate(counter)} unless on (comm, uid) ${busiest(counter, 'comm, uid')}`;
  return orZero('host', `sum(${others})`);
}

/** Rates of the busiest commands of the fleet, whoever runs them and wherever. */
export function busiestCommands(counter: string): string {
  return `sum by (comm) (${rate(counter)} and on (comm) ${busiest(counter, 'comm')})`;
}

/** A quantile of a histogram; no value, rather than NaN, where nothing was observed. */
export function quantile(q: number, histogram: string, by = ''): string {
  const labels = ['le', ...(by === '' ? [] : [by])].join(', ');
  return `histogram_quantile(${q}, sum by (${labels}) (${rate(histogram)})) >= 0`;
}
