// What an event costs: CPU time of the whole daemon, all threads, beside forkstat's in the same run.
// node bench/cost.mjs [vfork|fork|thread|prctl] [--rate N] [--seconds N] [--rounds N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compile, cpuSeconds, machine, median, memory, runJson, startDaemon } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    procs: { type: 'string', default: '2' },
  },
});
const kind = positionals[0] ?? 'vfork';
const storm = compile('storm', 'bench/storm.c');
const load = [kind, '--rate', values.rate, '--seconds', values.seconds, '--procs', values.procs];

async function startForkstat() {
  const child = spawn('forkstat', ['-e', 'all'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return once(child, 'spawn').then(
    () => child,
    () => undefined,
  );
}

async function round() {
  const daemon = await startDaemon();
  const forkstat = await startForkstat();
  try {
    return await measured(daemon, forkstat);
  } finally {
    forkstat?.kill('SIGINT');
    await daemon.stop();
  }
}

async function measured(daemon, forkstat) {
  await sleep(500);
  const before = await daemon.totals();
  const cpu = cpuSeconds(daemon.pid);
  const forkstatCpu = forkstat && cpuSeconds(forkstat.pid);
  const { ops_per_second: rate } = await runJson(storm, load);
  const after = await daemon.totals();
  const grown = (family) => after(family) - before(family);
  const events = grown('events_total');
  return {
    rate,
    events,
    lost: grown('lost_events_total') + grown('shed_events_total'),
    microseconds: ((cpuSeconds(daemon.pid) - cpu) * 1e6) / events,
    forkstat: forkstat && ((cpuSeconds(forkstat.pid) - forkstatCpu) * 1e6) / events,
    rss: memory(daemon.pid).peak,
  };
}

const results = [];
for (let i = 0; i < Number(values.rounds); i++) results.push(await round());
const of = (key) => median(results.map((result) => result[key]));
process.stdout.write(`${machine()}
${load.join(' ')}: ${Math.round(of('rate'))}/s, ${of('events')} events, medians of ${results.length}
  procevents-exporter  ${of('microseconds').toFixed(2)} µs an event, ${of('lost')} lost, RSS at most ${of('rss').toFixed(0)} MB
  forkstat             ${of('forkstat')?.toFixed(2) ?? 'not installed'} µs an event
`);
