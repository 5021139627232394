// What an answer of many series costs, beside stock prom-client with the same series, in one process: how long the
// event loop worked for it, the longest that it was held, and memory beyond what there was before.
// node bench/exposition.mjs [--pairs N] [--rounds N] [--only ours|stock]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import client from 'prom-client';
import { machine, median } from './measure.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '4166' }, // 12 series each: 50,000
    rounds: { type: 'string', default: '31' },
    only: { type: 'string', default: '' },
  },
});
const pairs = Number(values.pairs);
const rounds = Number(values.rounds);
const SERIES = [
  'forks',
  'thread_creations',
  'execs',
  'exits',
  'exit_failures',
  'coredumps',
  'cores_written',
].map((name) => [`procevents_${name}_total`, {}]);
for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT']) {
  SERIES.push(['procevents_exit_signals_total', { signal }]);
}
for (const mode of ['user', 'system'])
  SERIES.push(['procevents_exited_cpu_seconds_total', { mode }]);

const rss = () => process.memoryUsage.rss() / 1e6;

/** How long the event loop worked for it, in ms: alone in this process, so all that it does is that. */
async function worked(round) {
  const before = performance.eventLoopUtilization();
  await round();
  return performance.eventLoopUtilization(before).active;
}

/** The longest that it was held, ms: how late a turn of the event loop came that wanted to come at once. */
async function held(round) {
  let longest = 0;
  let last = performance.now();
  let over = false;
  const watch = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(watch);
  };
  setImmediate(watch);
  await round();
  over = true;
  await new Promise((resolve) => setImmediate(resolve));
  return longest;
}

async function ours() {
  const { Aggregator } = await import('../dist/aggregator/aggregator.js');
  const { COLUMNS } = await import('../dist/aggregator/columns.js');
  const { Renderer } = await import('../dist/exposition/renderer.js');
  const aggregator = new Aggregator({ pairsMax: pairs });
  const words = new Uint32Array(4);
  const name = new Uint8Array(words.buffer);
  const count = (share) => {
    for (let i = 0; i < pairs; i++) {
      name.fill(0);
      name.set(Buffer.from(`command-${i}`));
      const slot = aggregator.pair(words, 0, i % 100);
      if (Math.random() >= share) continue;
      for (const column of [0, 1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16]) {
        if (column < COLUMNS) aggregator.add(slot, column, Math.ceil(Math.random() * 100_000));
      }
    }
  };
  const renderer = new Renderer({ families: [], created: false });
  const render = () => renderer.render({ pairs: aggregator.copy() }, 'text', '');
  return { count, render };
}

function stock() {
  const registry = new client.Registry();
  const counters = new Map();
  for (const [family, more] of SERIES) {
    if (!counters.has(family)) {
      const labelNames = ['comm', 'uid', ...Object.keys(more)];
      counters.set(
        family,
        new client.Counter({ name: family, help: family, labelNames, registers: [registry] }),
      );
    }
  }
  const count = (share) => {
    for (let i = 0; i < pairs; i++) {
      if (Math.random() >= share) continue;
      for (const [family, more] of SERIES) {
        const labels = { comm: `command-${i}`, uid: String(i % 100), ...more };
        counters.get(family).inc(labels, Math.ceil(Math.random() * 100_000));
      }
    }
  };
  return { count, render: async () => Buffer.from(await registry.metrics()) };
}

async function run(which) {
  const { count, render } = which === 'ours' ? await ours() : stock();
  // Counting leaves garbage of its own behind: as much as there will ever be, before anything is rendered.
  for (let i = 0; i < 2 * rounds; i++) count(1);
  const before = rss();
  const first = await held(render);
  const shares = [
    ['all values new', 1],
    ['one pair in twenty new', 0.05],
  ];
  let bytes = 0;
  let peak = 0;
  const lines = [`  first: held ${first.toFixed(1)} ms`];
  for (const [what, share] of shares) {
    const work = [];
    const hold = [];
    for (let i = 0; i < rounds; i++) {
      count(share);
      work.push(
        await worked(async () => {
          bytes = (await render()).length;
        }),
      );
      count(share);
      hold.push(await held(render));
      peak = Math.max(peak, rss());
    }
    const [ms, longest] = [work, hold].map(median);
    lines.push(
      `  ${what}: worked ${ms.toFixed(1)} ms, at most ${Math.max(...work).toFixed(1)}; held ${longest.toFixed(1)} ms, at most ${Math.max(...hold).toFixed(1)}`,
    );
  }
  process.stdout.write(
    `${which}: ${pairs * SERIES.length} series, ${bytes} bytes\n${lines.join('\n')}\n`,
  );
  process.stdout.write(`  memory: ${(peak - before).toFixed(0)} MB more\n`);
}

if (values.only === '') {
  process.stdout.write(`${machine()}\n`);
  // Each in a process of its own, so that neither's memory is the other's.
  for (const only of ['ours', 'stock']) {
    const args = [fileURLToPath(import.meta.url), '--only', only];
    for (const name of ['pairs', 'rounds']) args.push(`--${name}`, values[name]);
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  }
} else {
  await run(values.only);
}
