// What the dashboards' queries make of series that are known, by Prometheus' own engine: the borders that no load on one
// host can hit, such as an outlier among twenty hosts or a daemon that Prometheus meets late.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { queriesOf, readDashboard, withVariables } from '../harness/dashboards.ts';
import { describeWith } from '../harness/requirements.ts';

const VARIABLES = {
  job: 'j',
  instance: '.+',
  comm: '.+',
  __rate_interval: '1m',
  __range: '1h',
} as const;
/** One scrape in 15 s: what an hour shows, with an hour before it. */
const EVAL_TIME = '2h';
const SCRAPES = 480;

/** Text of promtool's: start+step x times. */
interface Series {
  readonly series: string;
  readonly values: string;
}
type Samples = Readonly<Record<string, number>>;

/** A counter that grows by so many a second from the start. */
function growing(series: string, perSecond: number): Series {
  return { series, values: `0+${perSecond * 15}x${SCRAPES}` };
}

function labelled(name: string, labels: Readonly<Record<string, string>>): string {
  const all = Object.entries({ job: 'j', ...labels });
  return `${name}{${all.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

/** What promtool has against the answer being `samples`, rounded to tenths; nothing when it is. */
function objections(
  which: 'host' | 'fleet',
  where: string,
  input: readonly Series[],
  samples: Samples,
  seen = (expr: string): string => expr,
): string {
  const query = queriesOf(readDashboard(`procevents-${which}.json`)).find(
    (one) => one.where === where,
  );
  if (query === undefined) throw new Error(`${which} has no ${where}`);
  const instance = which === 'host' ? { instance: 'h' } : {};
  const expr = `round(${seen(withVariables(query.expr, { ...VARIABLES, ...instance }))}, 0.1)`;
  const folder = mkdtempSync(path.join(tmpdir(), 'procevents-values-'));
  const file = path.join(folder, 'test.yml');
  const sorted = Object.entries(samples).map(([labels, value]) => ({ labels, value }));
  const one = {
    interval: '15s',
    input_series: input,
    promql_expr_test: [{ expr, eval_time: EVAL_TIME, exp_samples: sorted }],
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [], tests: [one] }));
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return status === 0 ? '' : stdout + stderr;
}

/** Nineteen hosts with one rate, the twentieth with another. */
function fleet(others: number, last: number): Series[] {
  const rates = [...Array.from({ length: 19 }, () => others), last];
  return rates.flatMap((rate, index) => [
    growing(labelled('procevents_forks_per_second_sum', { instance: `h${index}` }), rate),
    { series: labelled('up', { instance: `h${index}` }), values: `1x${SCRAPES}` },
  ]);
}

const ME = { instance: 'h', comm: 'c', uid: '7' };
const DUMPS = labelled('procevents_coredumps_total', ME);
const always: readonly Series[] = [
  { series: labelled('procevents_build_info', { instance: 'h' }), values: `1x${SCRAPES}` },
  { series: labelled('procevents_forks_total', ME), values: `0x${SCRAPES}` },
];
const late: readonly Series[] = always.map(({ series }) => ({
  series,
  values: `_x${SCRAPES - 100} 1x99`,
}));
const crashed = (count: number): Samples => ({ '{comm="c", uid="7", user="7"}': count });

describeWith(['promtool'], 'values of the dashboards', () => {
  test.for([
    ['three times the median is none yet', 20, 60, 0],
    ['more than that is one', 20, 61, 1],
    ['nor is one that does little on a fleet that rests', 0.1, 9, 0],
    ['but one that does much there is', 0.1, 11, 1],
  ] as const)('outliers: %s', ([, others, last, count]) => {
    expect(objections('fleet', 'Outliers A', fleet(others, last), { '{}': count })).toBe('');
  });

  test.for([
    ['one of a pair that was known', `0x400 1x79`, always, crashed(1)],
    ['the first of a pair that is new', `_x400 2x79`, always, crashed(2)],
    ['both, of a new one that goes on crashing', `_x400 2x40 3x38`, always, crashed(3)],
    ['those after a restart of the daemon', `5x400 0x40 1x38`, always, crashed(1)],
    ['none of before the time shown', `0x100 4x379`, always, {}],
    ['not the past of a daemon that Prometheus meets only now', `_x400 9x79`, late, {}],
  ] as const)('core dumps: %s', ([, values, rest, samples]) => {
    const input = [...rest, { series: DUMPS, values }];
    expect(objections('host', 'Who dumped core A', input, samples)).toBe('');
  });

  test('a graph of the busiest and its line of all others are the whole', () => {
    const rates = Array.from({ length: 12 }, (_, index) => index + 1);
    const input = rates.map((rate) =>
      growing(
        labelled('procevents_forks_total', { instance: 'h', comm: `c${rate}`, uid: '7' }),
        rate,
      ),
    );
    const ten = rates
      .slice(2)
      .map((rate): [string, number] => [`{comm="c${rate}", user="7"}`, rate]);
    const shown = objections('host', 'Creating processes A', input, Object.fromEntries(ten));
    const others = objections('host', 'Creating processes B', input, { '{}': 1 + 2 });
    expect([shown, others]).toEqual(['', '']);
  });

  test('a user has one row, with the name where there is one', () => {
    const named = labelled('procevents_user_info', { instance: 'h', uid: '7', user: 'ann' });
    const input = [
      ...always,
      { series: DUMPS, values: `0x400 1x79` },
      { series: named, values: `1x${SCRAPES}` },
    ];
    const samples = { '{comm="c", uid="7", user="ann"}': 1 };
    expect(objections('host', 'Who dumped core A', input, samples)).toBe('');
  });

  test('two names of one uid, and two clusters with one address, leave no panel without an answer', () => {
    const clusters = ['a', 'b'].flatMap((cluster) => {
      const known = { instance: 'h', uid: '7', cluster };
      return [
        growing(labelled('procevents_forks_total', { ...known, comm: 'c' }), 4),
        {
          series: labelled('procevents_user_info', { ...known, user: 'ann' }),
          values: `1x${SCRAPES}`,
        },
        {
          series: labelled('procevents_user_info', { ...known, user: 'bob' }),
          values: `1x${SCRAPES}`,
        },
      ];
    });
    // Either name will do; Prometheus takes whichever comes first.
    const anyUser = (expr: string): string => `sum by (comm) (${expr})`;
    const samples = { '{comm="c"}': 8 };
    expect(objections('host', 'Creating processes A', clusters, samples, anyUser)).toBe('');
  });

  test.for([
    ['watches', { up: '1x480', procevents_collector_up: '1x480' }, 2],
    ['is blind', { up: '1x480', procevents_collector_up: '1x400 0x79' }, 1],
    ['is down', { up: '1x400 0x79', procevents_collector_up: '1x400 stale' }, 0],
  ] as const)(
    'a host that %s is called so, and listed when it is not well',
    ([, values, state]) => {
      const input = Object.entries(values).map(([name, text]) => ({
        series: labelled(name, { instance: 'h' }),
        values: text,
      }));
      const listed: Samples = state < 2 ? { '{instance="h", job="j"}': state } : {};
      expect([
        objections('host', 'Exporter A', input, { '{}': state }),
        objections('fleet', 'Down or blind A', input, listed),
        objections('fleet', 'Hosts watched A', input, { '{}': state === 2 ? 1 : 0 }),
        objections('fleet', 'Blind A', input, { '{}': state === 1 ? 1 : 0 }),
        objections('fleet', 'Down A', input, { '{}': state === 0 ? 1 : 0 }),
      ]).toEqual(['', '', '', '', '']);
    },
  );
});
