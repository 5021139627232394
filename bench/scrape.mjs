// How long a scrape holds the daemon's event loop, and how long it takes the scraper. The daemon runs in a process of its
// own, which watches its own loop; the pairs are made by a real program; the scrapes come from this process.
// node bench/scrape.mjs [--pairs N] [--scrapes N]
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile, machine, median } from './measure.mjs';

/** The watch is a timer of 1 ms, so a loop that nothing holds shows a little more than that. */
const RESOLUTION_MS = 1;
/** Around a scrape, so that the start and the end of it are watched too. */
const MARGIN_MS = 30;

/** In the daemon's process: starts the daemon, then clears and reads the watch as it is told. */
async function serve() {
  const { parseCommandLine } = await import('../dist/config/command-line.js');
  const { startDaemon } = await import('../dist/daemon/daemon.js');
  const { config } = parseCommandLine(process.argv.slice(3), {});
  const watch = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const log = {
    error() {},
    warn() {},
    info: ({ addresses }) => addresses && process.send(addresses[0]),
  };
  const fatal = (error) => {
    throw error;
  };
  const daemon = await startDaemon({ config, log, fatal });
  watch.enable();
  process.on('message', async (word) => {
    if (word === 'clear') watch.reset();
    if (word === 'read') process.send(watch.max / 1e6);
    if (word === 'stop') process.exit((await daemon.stop()) ? 0 : 1);
  });
}

/** CPU time of the process's first thread, which runs the event loop. Other programs on the CPUs do not change it much. */
function workedMs(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

async function measure() {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '1000' },
      scrapes: { type: 'string', default: '20' },
    },
  });
  const program = compile('pairs', 'bench/pairs.c');
  const daemon = fork(fileURLToPath(import.meta.url), [
    'serve',
    '--web.listen-address=127.0.0.1:0',
    `--pairs.max=${values.pairs}`,
  ]);
  const answer = async (word) => {
    if (word) daemon.send(word);
    return (await once(daemon, 'message'))[0];
  };
  const url = await answer();
  spawnSync(program, [values.pairs], { stdio: 'inherit' });
  // The first request of this process loads what makes requests.
  await (await fetch(`${url}/healthz`)).text();
  await sleep(500);

  /** The longest that the loop did not turn, and what its thread worked, during `work` and a margin around it. */
  const watched = async (work) => {
    daemon.send('clear');
    await sleep(MARGIN_MS);
    const before = workedMs(daemon.pid);
    const done = await work();
    await sleep(MARGIN_MS);
    return { ...done, worked: workedMs(daemon.pid) - before, held: await answer('read') };
  };
  const scrape = async () => {
    const start = performance.now();
    const text = await (await fetch(`${url}/metrics`)).text();
    return { took: performance.now() - start, text };
  };

  const first = await watched(scrape);
  const later = [];
  const idle = [];
  for (let i = 0; i < Number(values.scrapes); i++) {
    later.push(await watched(scrape));
    idle.push(await watched(() => sleep(median(later.map(({ took }) => took)))));
  }
  daemon.send('stop');
  await once(daemon, 'exit');

  const pairs = /^procevents_pairs (\d+)$/m.exec(first.text)?.[1];
  const line = (what, all) => {
    const middle = (key) => median(all.map((one) => one[key]));
    const most = (key) => Math.max(...all.map((one) => one[key]));
    const took = all[0].took === undefined ? '' : `; answered in ${figure(middle('took'))} ms`;
    const held = `held ${figure(middle('held'))} ms, at most ${figure(most('held'))} ms`;
    return `  ${what}: ${held}; worked ${figure(middle('worked'))} ms in all${took}\n`;
  };
  const figure = (ms) => ms.toFixed(1);
  process.stdout.write(
    `${machine()}\n${pairs} pairs, ${first.text.length} characters, ${later.length} scrapes, medians\n` +
      line('first scrape', [first]) +
      line('later scrapes', later) +
      line('no scrape', idle),
  );
}

await (process.argv[2] === 'serve' ? serve() : measure());
