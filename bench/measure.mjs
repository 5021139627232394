// What the benchmarks share: the daemon and others as processes, their CPU time and memory, and medians.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export function compile(name, source, flags = []) {
  return build('cc', name, [source], flags);
}

/** The floor: bench/reader.cc, with the daemon's own sources. */
export function compileReader() {
  const own = ['connector', 'exit_socket', 'exit_record', 'cpu_list', 'parse'];
  const sources = ['bench/reader.cc', ...own.map((stage) => `native/${stage}.cc`)];
  return build('g++', 'reader', sources, ['-std=c++20', `-I${root}`]);
}

const built = new Set();

/** Once in a run. */
function build(compiler, name, sources, flags) {
  mkdirSync(`${root}build/bench`, { recursive: true });
  const program = `${root}build/bench/${name}`;
  if (built.has(program)) return program;
  built.add(program);
  const files = sources.map((source) => root + source);
  const args = ['-O2', '-Wall', '-Wextra', '-pthread', ...flags, '-o', program, ...files];
  const { status } = spawnSync(compiler, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  return program;
}

/** Each thread's CPU time in ns, and how often it gave the CPU up by itself (it slept, so it was woken). */
export function threads(pid) {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const read = (file) => readFileSync(`/proc/${pid}/task/${tid}/${file}`, 'latin1');
    return {
      tid: Number(tid),
      name: read('comm').trim(),
      ns: Number(read('schedstat').split(' ')[0]),
      sleeps: Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))?.[1]),
    };
  });
}

/** user + system of all threads that live, seconds, in steps of 1 ns */
export function cpuSeconds(pid) {
  return threads(pid).reduce((sum, { ns }) => sum + ns, 0) / 1e9;
}

/** MB (10^6 bytes), now and at most */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const megabytes = (name) =>
    (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6;
  return { rss: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** DAEMON_NODE_FLAGS in the environment are flags of its Node, such as --jitless, which the benchmarks themselves cannot bear. */
export async function startDaemon(flags = []) {
  const node = process.env.DAEMON_NODE_FLAGS?.split(' ') ?? [];
  const args = [...node, `${root}dist/main.js`, '--web.listen-address=127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, addresses } = JSON.parse(line);
    if (msg === 'listening') return new DaemonProcess(child, addresses[0]);
  }
  throw new Error('the daemon did not start');
}

/** `sources`: connector or taskstats (which is both). stop() returns what it counted. */
export async function startReader(sources) {
  const child = spawn(compileReader(), [sources], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') throw new Error('the reader did not start');
  return {
    pid: child.pid,
    async stop() {
      child.stdin.end();
      return JSON.parse((await lines.next()).value);
    },
  };
}

export class DaemonProcess {
  constructor(child, url) {
    this.child = child;
    this.pid = child.pid;
    this.url = url;
    child.stdout.resume();
  }

  /** Sum of all samples of each family. */
  async totals() {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const sums = new Map();
    for (const [, name, value] of text.matchAll(/^([a-z_]+)(?:\{.*\})? (\S+)$/gm)) {
      sums.set(name, (sums.get(name) ?? 0) + Number(value));
    }
    return (family) => sums.get(`procevents_${family}`) ?? 0;
  }

  async stop() {
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

/** Runs a program to its end and returns the JSON that it prints. */
export async function runJson(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of child.stdout) text += part;
  return JSON.parse(text);
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

export function machine() {
  return `${cpus().length} CPUs (${cpus()[0].model}), Linux ${release()}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`;
}
