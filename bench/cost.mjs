// What an event costs: CPU time of the whole daemon, all threads, beside the bare reader's (bench/reader.cc, connector and
// exit records) and forkstat's in the same run. A second of the same load goes before, for the compiler and the caches.
// node bench/cost.mjs [vfork|fork|thread|prctl] [--rate N] [--seconds N] [--rounds N] [--procs N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  compile,
  compileReader,
  cpuSeconds,
  machine,
  median,
  memory,
  runJson,
  startDaemon,
  startReader,
} from './measure.mjs';

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
compileReader();
const load = [kind, '--rate', values.rate, '--procs', values.procs];

async function startForkstat() {
  const child = spawn('forkstat', ['-e', 'all'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return once(child, 'spawn').then(
    () => child,
    () => undefined,
  );
}

async function round() {
  const daemon = await startDaemon();
  let reader;
  let forkstat;
  try {
    reader = await startReader('taskstats');
    forkstat = await startForkstat();
    return await measured(daemon, reader, forkstat);
  } finally {
    forkstat?.kill('SIGINT');
    await reader?.stop();
    await daemon.stop();
  }
}

async function measured(daemon, reader, forkstat) {
  await runJson(storm, [...load, '--seconds', '1']);
  await sleep(500);
  const programs = { daemon, reader, ...(forkstat && { forkstat }) };
  const before = await daemon.totals();
  const cpu = Object.entries(programs).map(([name, { pid }]) => [name, pid, cpuSeconds(pid)]);
  const { ops_per_second: rate } = await runJson(storm, [...load, '--seconds', values.seconds]);
  // What is still queued: gathered for 5 ms, then looked at every 20.
  await sleep(100);
  const spent = cpu.map(([name, pid, from]) => [name, cpuSeconds(pid) - from]);
  const after = await daemon.totals();
  const grown = (family) => after(family) - before(family);
  const events = grown('events_total');
  return {
    rate,
    events,
    lost: grown('lost_events_total') + grown('shed_events_total'),
    rss: memory(daemon.pid).peak,
    ...Object.fromEntries(spent.map(([name, seconds]) => [name, (seconds * 1e6) / events])),
  };
}

const results = [];
for (let i = 0; i < Number(values.rounds); i++) results.push(await round());
const of = (key) => median(results.map((result) => result[key]));
process.stdout.write(`${machine()}
${load.join(' ')}: ${Math.round(of('rate'))}/s for ${values.seconds} s, after 1 s of the same; ${of('events')} events, medians of ${results.length}
  procevents-exporter  ${of('daemon').toFixed(2)} µs an event, ${of('lost')} lost, RSS at most ${of('rss').toFixed(0)} MB
  reader               ${of('reader').toFixed(2)} µs an event
  forkstat             ${of('forkstat')?.toFixed(2) ?? 'not installed'} µs an event
`);
