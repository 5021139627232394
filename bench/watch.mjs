// What `watch` writes under load, and what it costs, beside forkstat and extrace in the same run: each into a pipe, whose
// reader counts the lines that tell of what the load makes. A second of the same load goes before, for the compiler and the caches.
// node bench/watch.mjs [vfork|fork|exec|prctl] [--rate N] [--seconds N] [--rounds N] [--procs N] [--json] [--alone]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compile, cpuSeconds, machine, median, memory, root, runJson } from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    procs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
  },
});
const kind = positionals[0] ?? 'vfork';
/** Events of one operation, and the word by which each watcher tells of it once. */
const { events, word } = {
  vfork: { events: 2, word: 'exit' },
  fork: { events: 2, word: 'exit' },
  exec: { events: 3, word: 'exec|^[0-9]+ ' },
  prctl: { events: 1, word: 'comm' },
}[kind];
const storm = compile('storm', 'bench/storm.c');
const load = [kind, '--rate', values.rate, '--procs', values.procs];

const json = values.json ? ['--json'] : [];
const WATCHERS = {
  watch: [process.execPath, `${root}dist/main.js`, 'watch', ...json],
  // It tells of forks in two lines, a line to each other event.
  forkstat: ['forkstat', '-e', 'all'],
  // It reads them all, and tells of execs alone.
  extrace: ['extrace', '-f'],
};

/** `watch` ends when it is ready to; the others say nothing. */
const SUMMARY = /events? in .*/;

class Watcher {
  said = '';

  constructor(command) {
    // bash tells the pid of what it becomes; the pipe is a real one.
    const script = `(echo "$BASHPID" >&2; exec "$@") | grep -c -E '${word}'`;
    this.child = spawn('bash', ['-c', script, 'bash', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.counted = '';
    this.child.stdout.on('data', (text) => (this.counted += text));
    this.ended = once(this.child, 'close');
    this.pid = new Promise((resolve) => {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        if (/^\d+$/.test(line)) resolve(Number(line));
        else this.said += `${line}\n`;
      });
    });
  }

  async stop() {
    process.kill(await this.pid, 'SIGINT');
    await this.ended;
  }
}

async function round() {
  const names = Object.keys(WATCHERS).filter((name) => isThere(name));
  const running = new Map(names.map((name) => [name, new Watcher(WATCHERS[name])]));
  await sleep(1500);
  const first = await runJson(storm, [...load, '--seconds', '1']);
  await sleep(500);
  const before = new Map();
  for (const [name, { pid }] of running) before.set(name, cpuSeconds(await pid));
  const made = await runJson(storm, [...load, '--seconds', values.seconds]);
  await sleep(300);
  const result = { rate: made.ops_per_second, ops: made.ops + first.ops, watchers: {} };
  for (const [name, watcher] of running) {
    const pid = await watcher.pid;
    const cpu = cpuSeconds(pid) - before.get(name);
    const { peak } = memory(pid);
    await watcher.stop();
    const told = Number(watcher.counted);
    const said = SUMMARY.exec(watcher.said)?.[0] ?? '';
    result.watchers[name] = { microseconds: (cpu * 1e6) / (made.ops * events), told, peak, said };
  }
  return result;
}

function isThere(name) {
  if (values.alone && name !== 'watch') return false;
  return name === 'watch' || spawnSync('which', [name]).status === 0;
}

const results = [];
for (let i = 0; i < Number(values.rounds); i++) results.push(await round());
const rate = median(results.map((result) => result.rate));
process.stdout.write(`${machine()}
${load.join(' ')}: ${Math.round(rate)}/s, ${Math.round(rate * events)} events/s, for ${values.seconds} s, after 1 s of the same; medians of ${results.length}\n`);
for (const name of Object.keys(WATCHERS)) {
  const of = (pick) => median(results.map(({ watchers, ops }) => pick(watchers[name], ops)));
  if (results[0].watchers[name] === undefined) {
    process.stdout.write(`  ${name.padEnd(9)} not installed, or not asked for\n`);
    continue;
  }
  const share = of(({ told }, ops) => (told * 100) / ops).toFixed(2);
  const tells = name !== 'extrace' || kind === 'exec';
  process.stdout.write(
    `  ${name.padEnd(9)} ${of((one) => one.microseconds).toFixed(2)} µs an event, RSS at most ${of((one) => one.peak).toFixed(0)} MB, ${tells ? `told ${share} % of what was made` : 'tells of execs only'}\n`,
  );
  for (const { watchers } of results) {
    if (watchers[name].said !== '') process.stdout.write(`            ${watchers[name].said}\n`);
  }
}
