// What a storm of processes leaves in memory: RSS of the daemon before it, after it, and at most.
// node bench/memory.mjs [--count N] [--pairs N] [--rounds N]
// With --live: of a daemon with so many live processes in its table, which bench/feeder.c tells it of; there are none.
// node bench/memory.mjs --live N [--pairs N] [--rounds N]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startFed } from './fed.mjs';
import { compile, machine, median, memory, runJson, startDaemon } from './measure.mjs';

/** What a scrape makes grow, it has made grow after these. */
const SCRAPES = 5;
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    live: { type: 'string', default: '0' },
    pairs: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
  },
});

async function afterStorm() {
  const storm = compile('storm', 'bench/storm.c');
  const pairs = compile('pairs', 'bench/pairs.c');
  const daemon = await startDaemon();
  try {
    return await weathered(daemon, storm, pairs);
  } finally {
    await daemon.stop();
  }
}

async function weathered(daemon, storm, pairs) {
  if (values.pairs !== '0') spawnSync(pairs, [values.pairs], { stdio: 'inherit' });
  const before = await daemon.totals();
  const start = memory(daemon.pid).rss;
  await runJson(storm, ['fork', '--count', values.count]);
  const after = await daemon.totals();
  const { rss, peak } = memory(daemon.pid);
  const grown = (family) => after(family) - before(family);
  return {
    start,
    rss,
    peak,
    forks: grown('forks_total'),
    lost: grown('lost_events_total') + grown('shed_events_total'),
    processes: after('processes'),
    pairs: after('pairs'),
  };
}

async function withLive() {
  const { live } = values;
  // A host has pairs besides those that are fed; they are the first.
  const flags = [`--pairs.max=${values.pairs === '0' ? '1000' : values.pairs}`];
  const daemon = await startFed({ live, pairs: values.pairs }, flags);
  try {
    await daemon.totals();
    const start = memory(daemon.pid).rss;
    const { lost, shed } = await daemon.feed();
    for (let i = 0; i < SCRAPES; i++) await daemon.totals();
    const after = await daemon.totals();
    return {
      start,
      ...memory(daemon.pid),
      forks: after('forks_total'),
      lost: lost + shed,
      processes: after('processes'),
      pairs: after('pairs'),
    };
  } finally {
    await daemon.stop();
  }
}

const round = values.live === '0' ? afterStorm : withLive;
const results = [];
for (let i = 0; i < Number(values.rounds); i++) results.push(await round());
const of = (key) => median(results.map((result) => result[key]));
const megabytes = (key) => of(key).toFixed(0);
process.stdout.write(`${machine()}
${of('forks')} forks, ${of('lost')} events lost, ${of('processes')} live processes, ${of('pairs')} pairs, medians of ${results.length}
  RSS ${megabytes('start')} MB before, ${megabytes('rss')} MB after, ${megabytes('peak')} MB at most
  the highest of all rounds: ${Math.max(...results.map(({ peak }) => peak)).toFixed(0)} MB
`);
