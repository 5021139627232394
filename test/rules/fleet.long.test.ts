// A fleet of twenty hosts under one Prometheus: sums, the busiest commands and who stands out, against what was fed.
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fleet, type Happening } from '../harness/fleet.ts';
import { root } from '../harness/programs.ts';
import { Prometheus } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';

const HOSTS = 20;
const BUILDER = HOSTS - 1;
const CRASHED = 7;

/** Shells everywhere, a build on the last host, three crashes on another. */
const HAPPENINGS: readonly Happening[] = [
  ...Array.from({ length: HOSTS }, (_, host) => ({
    host,
    comm: 'bash',
    uid: 1000,
    forks: 100 + host,
    failures: 10,
  })),
  { host: BUILDER, comm: 'make', uid: 1001, forks: 4000 },
];
const CRASHES: Happening = { host: CRASHED, comm: 'worker', uid: 33, forks: 3, dumps: 3 };

const forksOf = (comm: string): number =>
  HAPPENINGS.filter((one) => one.comm === comm).reduce((sum, { forks }) => sum + forks, 0);

/** With the process that each happening is made by. */
function created(host: number): number {
  const here = [...HAPPENINGS, CRASHES].filter((one) => one.host === host);
  return here.reduce((sum, { forks }) => sum + forks + 1, 0);
}
const everywhere = Array.from({ length: HOSTS }, (_, host) => created(host));
const all = everywhere.reduce((sum, one) => sum + one, 0);
const middle = everywhere.toSorted((a, b) => a - b).slice(HOSTS / 2 - 1, HOSTS / 2 + 1);
const median = (middle[0]! + middle[1]!) / 2;

/** rate() extrapolates from the first and the last scrape to its five minutes: of few scrapes it would be far off. */
const SCRAPES = 30;
/** Hosts are scraped at different moments of a second, and rates are of what was scraped. */
const NEARLY = 0.15;

/** What is measured and what it should be, by name; those that are not near each other stay. */
function farOff(figures: Readonly<Record<string, readonly [number, number]>>): typeof figures {
  const far = ([value, truth]: readonly [number, number]): boolean =>
    !(Math.abs(value / truth - 1) < NEARLY);
  return Object.fromEntries(Object.entries(figures).filter(([, pair]) => far(pair)));
}

describeWith(['prometheus'], 'a fleet of twenty', () => {
  let fleet: Fleet;
  let prometheus: Prometheus;
  const instance = (host: number): string => new URL(fleet.addresses[host] ?? '').host;

  const value = async (query: string): Promise<number> => {
    const [first] = await prometheus.query(query);
    return first?.value ?? Number.NaN;
  };

  /** A scrape that comes late on a loaded machine leaves a hole of a second. */
  const sum = (series: string): Promise<number> => value(`sum(last_over_time(${series}[1m]))`);

  beforeAll(async () => {
    fleet = await Fleet.start(HOSTS);
    const targets = fleet.addresses.map((address) => new URL(address).host);
    prometheus = await Prometheus.start(
      { procevents: { static_configs: [{ targets }] } },
      { ruleFiles: [path.join(root, 'deploy/prometheus/rules/*.yml')] },
    );
    // Each pair once, so that it has series that can grow.
    await fleet.happen(HAPPENINGS.map((one) => ({ ...one, forks: 0, failures: 0 })));
    await prometheus.until('all pairs are scraped', async () => {
      return (await value('count(procevents_forks_total{comm=~"bash|make"})')) === HOSTS + 1;
    });
    await prometheus.until('their processes are scraped', async () => {
      return (await sum('procevents_forks_per_second_sum')) === HAPPENINGS.length;
    });
    await fleet.happen([...HAPPENINGS, CRASHES]);
    const grown = all + HAPPENINGS.length;
    await prometheus.until('all that happened is scraped', async () => {
      return (await sum('procevents_forks_per_second_sum')) === grown;
    });
    await prometheus.until('there is enough to tell rates from', async () => {
      return (await value('min(count_over_time(procevents_collector_up[5m]))')) >= SCRAPES;
    });
  }, 120_000);
  afterAll(async () => {
    await prometheus.stop();
    await fleet.stop();
  });

  test('every daemon answers, has lost nothing and attributed all', async () => {
    expect(await value('max_over_time(job:procevents_exporters:count[1m])')).toBe(HOSTS);
    expect(await value('max_over_time(job:procevents_exporters:up[1m])')).toBe(HOSTS);
    expect(await sum('procevents_lost_events_total')).toBe(0);
    expect(await sum('procevents_unresolved_total')).toBe(0);
    expect(await sum('procevents_forks_total{comm="bash"}')).toBe(forksOf('bash'));
    expect(await sum('procevents_forks_total{comm="make"}')).toBe(forksOf('make'));
  });

  test("the fleet's rates are the sums of its hosts', each as busy as it was", async () => {
    const total = await value('job:procevents_forks:rate5m');
    const hosts: Record<string, readonly [number, number]> = {};
    for (const host of [0, CRASHED, BUILDER]) {
      const one = await value(`instance:procevents_forks:rate5m{instance="${instance(host)}"}`);
      hosts[`host ${host}`] = [one / total, created(host) / all];
    }
    expect(
      farOff({
        ...hosts,
        hosts: [await value('sum(instance:procevents_forks:rate5m)'), total],
        exits: [await value('job:procevents_exits:rate5m'), total],
        failures: [
          (await value('job:procevents_exit_failures:rate5m')) / total,
          (10 * HOSTS) / all,
        ],
        median: [(await value('job:procevents_forks_rate5m:median')) / total, median / all],
      }),
    ).toEqual({});
  });

  test('the host that builds stands out, and no other', async () => {
    await prometheus.until('the rules have seen it', async () => {
      return (await value('count(instance:procevents_forks_rate5m:outlier)')) === 1;
    });
    const outliers = await prometheus.query('instance:procevents_forks_rate5m:outlier');
    expect(outliers.map(({ labels }) => labels['instance'])).toEqual([instance(BUILDER)]);
    // The median is below one a second of five minutes: then that is what a host is compared with.
    const rate = await value(
      `instance:procevents_forks:rate5m{instance="${instance(BUILDER)}"} / scalar(clamp_min(job:procevents_forks_rate5m:median, 1))`,
    );
    expect(farOff({ outlier: [outliers[0]!.value, rate] })).toEqual({});
  });

  test('the busiest commands of the fleet are told, whoever ran them and where', async () => {
    const top = await prometheus.query('job_comm:procevents_forks:top_rate5m');
    const rates = new Map(top.map(({ labels, value: rate }) => [labels['comm'], rate]));
    const measured = rates.get('make')! / rates.get('bash')!;
    expect(farOff({ make: [measured, forksOf('make') / forksOf('bash')] })).toEqual({});
    const failures = await prometheus.query('job_comm:procevents_exit_failures:top_rate5m');
    expect(failures.map(({ labels }) => labels['comm'])).toEqual(['bash']);
  });

  test('three crashes on one host are three crashes of the fleet, and the only alert', async () => {
    const crashes = await prometheus.query(
      'last_over_time(job_comm:procevents_coredumps:top_increase10m[1m])',
    );
    expect(crashes.map(({ labels, value: count }) => [labels['comm'], count])).toEqual([
      ['worker', CRASHES.dumps],
    ]);
    const alerts = await prometheus.query('last_over_time(ALERTS{alertstate="firing"}[1m])');
    const told = alerts.map(({ labels: { alertname, instance: where, comm, uid } }) => {
      return [alertname, where, comm, uid];
    });
    expect(told).toEqual([['CoreDump', instance(CRASHED), 'worker', '33']]);
  });
});
