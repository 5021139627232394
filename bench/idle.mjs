// What the daemon costs when nothing happens: CPU time and wake-ups of each of its threads. A thread that goes to sleep by
// itself is woken for it, so its voluntary context switches are its wake-ups. Nothing is subtracted: what else runs on the
// host makes events, which are told beside.
// node bench/idle.mjs [--seconds N] [--fed] [-- FLAG ...]
// --fed: from a source that stays silent whatever the host does, and without other witnesses.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFed } from './fed.mjs';
import { machine, startDaemon, threads } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '30' }, fed: { type: 'boolean' } },
});
/** Some 8 s after its last work V8 collects once, for 30 ms on all its threads. */
const SETTLE_MS = 15_000;

const daemon = await (values.fed ? startFed({}, positionals) : startDaemon(positionals));
try {
  const eventsBefore = (await daemon.totals())('events_total');
  await sleep(SETTLE_MS);
  const before = threads(daemon.pid);
  const start = performance.now();
  await sleep(Number(values.seconds) * 1e3);
  const seconds = (performance.now() - start) / 1e3;
  const after = threads(daemon.pid);
  const events = (await daemon.totals())('events_total') - eventsBefore;

  const rows = after.map(({ tid, name, ns, sleeps }) => {
    const old = before.find((thread) => thread.tid === tid) ?? { ns: 0, sleeps: 0 };
    const is = tid === daemon.pid ? `${name} (main)` : name;
    return {
      name: is,
      share: (ns - old.ns) / 1e7 / seconds,
      wakes: (sleeps - old.sleeps) / seconds,
    };
  });
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  rows.push({ name: 'all', share: sum('share'), wakes: sum('wakes') });
  const line = ({ name, share, wakes }) =>
    `  ${name.padEnd(16)} ${share.toFixed(3)} % of a core, ${wakes.toFixed(2)} wake-ups/s\n`;
  const rate = (events / (seconds + SETTLE_MS / 1e3)).toFixed(1);
  process.stdout.write(`${machine()}
${seconds.toFixed(1)} s, from ${SETTLE_MS / 1e3} s after the last scrape on; ${rate} events/s received
${rows.map(line).join('')}`);
} finally {
  await daemon.stop();
}
