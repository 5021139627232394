// Scrapes as fast as nobody asks for them, over a storm: 500 a second, uncompressed, of about 1,000 series, with 5,000
// processes made a second beneath. Their latency, and whether an event is lost.
// node bench/load.mjs [--rate N] [--seconds N] [--vforks N] [--pairs N]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { compile, machine, memory, runJson, startDaemon } from './measure.mjs';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
    vforks: { type: 'string', default: '5000' },
    pairs: { type: 'string', default: '40' },
  },
});
const storm = compile('storm', 'bench/storm.c');
const daemon = await startDaemon(['--storm.threshold=10000000']);
try {
  spawnSync(compile('pairs', 'bench/pairs.c'), [values.pairs], { stdio: 'inherit' });
  const before = await daemon.totals();
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const seconds = Number(values.seconds);
  const [made, load] = await Promise.all([
    runJson(storm, ['vfork', '--rate', values.vforks, '--seconds', String(seconds + 1)]),
    autocannon({
      url: `${daemon.url}/metrics`,
      connections: 10,
      overallRate: Number(values.rate),
      duration: seconds,
      headers: { 'accept-encoding': 'identity' },
    }),
  ]);
  const after = await daemon.totals();
  const grown = (family) => after(family) - before(family);
  const { latency, requests, errors, timeouts, non2xx } = load;
  process.stdout.write(`${machine()}
${series} series; ${requests.average.toFixed(0)} scrapes a second for ${seconds} s; ${(made.ops / made.seconds).toFixed(0)} vforks a second
  latency: median ${latency.p50} ms, p99 ${latency.p99} ms, at most ${latency.max} ms; ${errors + timeouts + non2xx} failed
  events lost ${grown('lost_events_total')}, shed ${grown('shed_events_total')}; stale scrapes ${grown('stale_scrapes_total')}
  RSS ${memory(daemon.pid).rss.toFixed(0)} MB
`);
} finally {
  await daemon.stop();
}
