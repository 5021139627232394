// Whether an event costs more when there are more of them, or more processes: CPU time of the whole daemon per event. By
// rate the kernel makes the events; by number of live processes bench/feeder.c does, at 100,000 records/s and without exit
// records or names from perf. After a second of the same load each.
// node bench/growth.mjs [--seconds N] [--rounds N]
import { parseArgs } from 'node:util';
import { startFed } from './fed.mjs';
import { compile, cpuSeconds, machine, median, runJson, startDaemon } from './measure.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
  },
});
const storm = compile('storm', 'bench/storm.c');
const FED_RATE = 100_000;
/** A vfork is a FORK and an EXIT, a prctl is a COMM; 0 is as fast as it goes. */
const LOADS = [
  ['vfork', 500],
  ['vfork', 5000],
  ['vfork', 0],
  ['prctl', 100_000],
  ['prctl', 0],
];
const LIVE = [1000, 10_000, 100_000];

async function byRate([kind, rate]) {
  const load = [kind, '--rate', String(rate), '--procs', '2', '--seconds'];
  const daemon = await startDaemon();
  try {
    await runJson(storm, [...load, '1']);
    const before = await daemon.totals();
    const cpu = cpuSeconds(daemon.pid);
    const { seconds } = await runJson(storm, [...load, values.seconds]);
    const spent = cpuSeconds(daemon.pid) - cpu;
    const after = await daemon.totals();
    const grown = (family) => after(family) - before(family);
    return {
      rate: grown('events_total') / seconds,
      microseconds: (spent * 1e6) / grown('events_total'),
      lost: grown('lost_events_total') + grown('shed_events_total'),
    };
  } finally {
    await daemon.stop();
  }
}

async function byLive(live) {
  const records = FED_RATE * Number(values.seconds);
  const daemon = await startFed({ live, records, rate: FED_RATE });
  try {
    await daemon.feed();
    const warm = await daemon.feed();
    const cpu = cpuSeconds(daemon.pid);
    const fed = await daemon.feed();
    return {
      rate: fed.records / fed.seconds,
      microseconds: ((cpuSeconds(daemon.pid) - cpu) * 1e6) / fed.records,
      lost: fed.lost + fed.shed - warm.lost - warm.shed,
    };
  } finally {
    await daemon.stop();
  }
}

const thousands = (number) => Math.round(number).toLocaleString('en');

async function row(what, measure) {
  const results = [];
  for (let i = 0; i < Number(values.rounds); i++) results.push(await measure());
  const of = (key) => median(results.map((result) => result[key]));
  process.stdout.write(
    `| ${what.padEnd(24)} | ${thousands(of('rate')).padStart(8)} | ${of('microseconds').toFixed(2).padStart(8)} | ${of('lost')} |\n`,
  );
}

process.stdout.write(`${machine()}
medians of ${values.rounds} rounds of ${values.seconds} s

| load                     | events/s | µs each  | lost |
| ------------------------ | -------- | -------- | ---- |
`);
for (const load of LOADS) {
  await row(`${load[0]}, ${load[1] === 0 ? 'unbounded' : `${load[1]}/s`}`, () => byRate(load));
}
for (const live of LIVE) await row(`${thousands(live)} live processes`, () => byLive(live));
