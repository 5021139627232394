// The committed dashboards against the real thing: every query that Grafana would send, of panels, variables and marks,
// asked of a Prometheus that scrapes two daemons and one that is down, while processes are made, fail and crash.
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { choicesOf, queriesOf, readDashboard, withVariables } from '../harness/dashboards.ts';
import type { Dashboard, Query } from '../harness/dashboards.ts';
import { LineProcess } from '../harness/line-process.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, program, uniqueComm } from '../harness/programs.ts';
import { Prometheus } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

const JOB = 'procevents';
/** Nobody listens there. */
const DOWN = '127.0.0.1:1';
/** What Grafana makes of a scrape each second and a graph of a minute. */
const RANGE = 60;
const STEP = 2;
const TIMES = { __rate_interval: '6s', __range: `${RANGE}s` } as const;
/** So many within a second are a storm; and what a machine that is busy with other things makes in one, or in two. */
const THRESHOLD = 1000;
const STORM = 5000;
/**
 * What must not be on a host that is well, but may: these queries answer, with 0. Two daemons on one host see the same,
 * so neither is far from the median; 0 is what being down is called; and fewer than ten commands may fail, with no others.
 */
const QUIET =
  /lost_|shed_|overruns|resyncs|heals|stale_|rejected|suppressed|unresolved|folded|_used_|== 0|> 3\)|< 2$|unless on \(comm, uid\)/;

function named(which: 'host' | 'fleet', where: string): Query {
  const found = queriesOf(readDashboard(`procevents-${which}.json`)).find(
    (one) => one.where === where,
  );
  if (found === undefined) throw new Error(`${which} has no ${where}`);
  return found;
}

describeWith(['events', 'prometheus'], 'each query of the dashboards', () => {
  const comm = uniqueComm();
  const copies = new ProgramCopies();
  let daemons: Daemon[];
  let hosts: string[];
  let prometheus: Prometheus;
  let makers: Maker[];
  let variables: Record<'host' | 'fleet', Record<string, string>>;

  beforeAll(async () => {
    const flags = [`--storm.threshold=${THRESHOLD}`];
    daemons = await Promise.all([Daemon.start({ flags }), Daemon.start({ flags })]);
    hosts = daemons.map(({ url }) => new URL(url).host);
    prometheus = await Prometheus.start({
      [JOB]: { static_configs: [{ targets: [...hosts, DOWN] }] },
    });
    variables = {
      host: { ...TIMES, job: JOB, instance: hosts[0] ?? '', comm: '.+' },
      fleet: { ...TIMES, job: JOB, instance: '.+' },
    };
    // The first storm of a daemon that nobody has scraped yet is no growth of its counter.
    await prometheus.until('both are up', async () => {
      const up = await prometheus.query('up == 1');
      return up.length === daemons.length;
    });
    makers = await Promise.all([
      Maker.start('exit', { comm, code: 3, count: 20 }),
      Maker.start('signal', { comm, signal: 11, count: 3, core: true }),
      Maker.start('thread', { comm, count: 5 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all(makers.map((maker) => maker.finish()));
    await prometheus.stop();
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    copies.remove();
  });

  async function load(): Promise<void> {
    await Promise.all([
      ...makers.map((maker) => maker.round()),
      new Storm('vfork', '--count', String(STORM), '--comm', comm).done(),
      new Storm('exec', '--count', '50', '--program', program('nothing-61001')).done(),
      burn(),
    ]);
  }

  async function burn(): Promise<void> {
    const burner = new LineProcess(program('burn'), [comm, comm, '0.05']);
    await burner.line();
    await burner.finish();
  }

  async function answer(
    { expr, instant }: Query,
    of: Record<string, string>,
  ): Promise<{ labels: Record<string, string>; values: number[] }[]> {
    const text = withVariables(expr, of);
    const end = Date.now() / 1000;
    if (!instant) return prometheus.queryRange(text, { start: end - RANGE, end, step: STEP });
    const found = await prometheus.query(text);
    return found.map(({ labels, value }) => ({ labels, values: [value] }));
  }

  /** What a query does not show yet; undefined when nothing is wanting. */
  async function lack(query: Query, of: Record<string, string>): Promise<string | undefined> {
    const series = await answer(query, of);
    const values = series.flatMap((one) => one.values).filter((value) => !Number.isNaN(value));
    if (values.length === 0) return 'no value';
    if (!QUIET.test(query.expr) && !values.some((value) => value > 0)) return 'nothing but 0';
    const bare = query.labels.filter((label) => !series.some(({ labels }) => label in labels));
    return bare.length === 0 ? undefined : `no label ${bare.join(', ')}`;
  }

  test.for(['host', 'fleet'] as const)('%s: has data, and what happens shows', async (which) => {
    const dashboard: Dashboard = readDashboard(`procevents-${which}.json`);
    const queries = queriesOf(dashboard);
    expect(queries.length).toBeGreaterThan(30);
    let lacking: [Query, string | undefined][] = queries.map((query) => [query, '']);
    for (let tries = 0; tries < 30 && lacking.length > 0; tries++) {
      await load();
      const again = lacking.map(async ([query]): Promise<[Query, string | undefined]> => [
        query,
        await lack(query, variables[which]),
      ]);
      const answers = await Promise.all(again);
      lacking = answers.filter(([, what]) => what !== undefined);
    }
    expect(lacking.map(([{ where, expr }, what]) => `${where}: ${what}: ${expr}`)).toEqual([]);
  });

  test('host: a user without a name keeps its row, under its uid', async () => {
    const { expr } = named('host', 'Everybody D');
    const users = async (): Promise<Record<string, string | undefined>> => {
      const rows = await prometheus.query(withVariables(expr, variables.host));
      return Object.fromEntries(rows.map(({ labels: { uid = '', user } }) => [uid, user]));
    };
    await load();
    await expect.poll(users, PATIENT).toMatchObject({ 0: 'root', 61_001: '61001' });
  });

  test.for([
    ['host', 'mark Core dumps'],
    ['host', 'Who dumped core A'],
    ['fleet', 'Who dumped core where A'],
  ] as const)('%s: %s has the first crash of a new program', async ([which, where]) => {
    const { expr } = named(which, where);
    const text = withVariables(expr, { ...variables[which], __range: '8s', __rate_interval: '8s' });
    await prometheus.until('it has known the daemon for longer than that', async () => {
      const known = await prometheus.query('procevents_build_info offset 10s');
      return known.length === daemons.length;
    });
    const name = uniqueComm();
    const copy = path.join(copies.directory, name);
    copyFileSync('/bin/sh', copy);
    spawnSync(copy, ['-c', 'kill -SEGV $$']);
    const crashes = async (): Promise<string[]> => {
      const found = await prometheus.query(text);
      const ours = found.filter(({ labels }) => labels['comm'] === name);
      return ours.map(({ labels, value }) => `${labels['user']} ${value >= 1}`);
    };
    await expect.poll(crashes, PATIENT).toContain('root true');
  });

  test.for(['host', 'fleet'] as const)('%s: each variable has choices', async (which) => {
    const choices = choicesOf(readDashboard(`procevents-${which}.json`));
    expect(choices.length).toBeGreaterThan(1);
    for (const { name, of, label } of choices) {
      const found = await prometheus.labelValues(withVariables(of, variables[which]), label);
      const expected = { job: [JOB], instance: hosts, comm: [comm] }[name];
      expect([name, found]).toEqual([name, expect.arrayContaining(expected ?? ['an unknown one'])]);
    }
  });
});
