// What the benchmarks share: the daemon and others as processes, their CPU time and memory, and medians.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** USER_HZ is 100 on every Linux architecture that Node runs on. */
const TICK_SECONDS = 0.01;

export function compile(name, source, flags = []) {
  mkdirSync(`${root}build/bench`, { recursive: true });
  const program = `${root}build/bench/${name}`;
  const args = ['-O2', '-Wall', '-Wextra', '-pthread', ...flags, '-o', program, root + source];
  const { status } = spawnSync('cc', args, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  return program;
}

/** user + system of all threads, seconds, in steps of 10 ms */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** MB (10^6 bytes), now and at most */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const megabytes = (name) =>
    (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6;
  return { rss: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

export async function startDaemon(flags = []) {
  const args = [`${root}dist/main.js`, '--web.listen-address=127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, addresses } = JSON.parse(line);
    if (msg === 'listening') return new DaemonProcess(child, addresses[0]);
  }
  throw new Error('the daemon did not start');
}

class DaemonProcess {
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
  return `${cpus().length} CPUs (${cpus()[0].model}), Linux ${release()}, Node ${process.version}`;
}
