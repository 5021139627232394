// What a program that makes names without end costs: RSS, the size of a scrape and its time, before and after a million names
// under a thousand uids (test/programs/impostor.c), and what the daemon says of it.
// node bench/hostile.mjs [--uids N] [--names N]    (names of each uid)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { compile, machine, median, memory, startDaemon } from './measure.mjs';

const FIRST_UID = '70000';
const { values } = parseArgs({
  options: {
    uids: { type: 'string', default: '1000' },
    names: { type: 'string', default: '1000' },
  },
});
const impostor = compile('impostor', 'test/programs/impostor.c');
const run = (names) =>
  once(spawn(impostor, [FIRST_UID, values.uids, names], { stdio: 'ignore' }), 'exit');

async function look(daemon) {
  const times = [];
  let bytes = 0;
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    const body = await (await fetch(`${daemon.url}/metrics`)).arrayBuffer();
    times.push(performance.now() - start);
    bytes = body.byteLength;
  }
  return { ...memory(daemon.pid), bytes, ms: median(times), totals: await daemon.totals() };
}

const show = (when, { rss, peak, bytes, ms }) =>
  `  ${when}: RSS ${rss.toFixed(0)} MB, at most ${peak.toFixed(0)} MB; scrape of ${bytes} bytes in ${ms.toFixed(1)} ms\n`;

const daemon = await startDaemon();
try {
  // Fills the table: from here on nothing is to grow.
  await run('2');
  const before = await look(daemon);
  await run(values.names);
  const after = await look(daemon);
  const names = Number(values.uids) * Number(values.names);
  const grown = (family) => after.totals(family) - before.totals(family);
  process.stdout.write(`${machine()}
${names} names under ${values.uids} uids, each makes a process
${show('table full', before)}${show('after it', after)}\
  pairs ${after.totals('pairs')} of ${after.totals('pairs_limit')}, wanted ${after.totals('pairs_wanted')}; folded events ${grown('folded_events_total')}
  events lost ${grown('lost_events_total')}, shed ${grown('shed_events_total')}
`);
} finally {
  await daemon.stop();
}
