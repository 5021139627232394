// What a storm of processes leaves in memory: RSS of the daemon before it, after it, and at most.
// node bench/memory.mjs [--count N] [--pairs N] [--rounds N]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { compile, machine, median, memory, runJson, startDaemon } from './measure.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    pairs: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
  },
});
const storm = compile('storm', 'bench/storm.c');
const pairs = compile('pairs', 'bench/pairs.c');

async function round() {
  const daemon = await startDaemon();
  if (values.pairs !== '0') spawnSync(pairs, [values.pairs], { stdio: 'inherit' });
  const before = await daemon.totals();
  const start = memory(daemon.pid).rss;
  await runJson(storm, ['fork', '--count', values.count]);
  const after = await daemon.totals();
  const { rss, peak } = memory(daemon.pid);
  await daemon.stop();
  const grown = (family) => after(family) - before(family);
  return {
    start,
    rss,
    peak,
    forks: grown('forks_total'),
    lost: grown('lost_events_total') + grown('shed_events_total'),
    pairs: after('pairs'),
  };
}

const results = [];
for (let i = 0; i < Number(values.rounds); i++) results.push(await round());
const of = (key) => median(results.map((result) => result[key]));
const megabytes = (key) => of(key).toFixed(0);
process.stdout.write(`${machine()}
${of('forks')} forks, ${of('lost')} events lost, ${of('pairs')} pairs, medians of ${results.length}
  RSS ${megabytes('start')} MB before, ${megabytes('rss')} MB after, ${megabytes('peak')} MB at most
  the highest of all rounds: ${Math.max(...results.map(({ peak }) => peak)).toFixed(0)} MB
`);
