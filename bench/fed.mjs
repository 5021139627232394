// The daemon as a process that bench/feeder.c feeds instead of the kernel: its descriptor 3 is the source, and there are no
// other witnesses. Input: what to feed. Output: the daemon, to be scraped and measured like any other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DaemonProcess, compile } from './measure.mjs';

/** No feed for longer would pass for a silent one, and the daemon would hold its table against /proc. */
const NEVER_MS = 2 ** 31 - 1;

/** In the feeder's child. */
async function serve() {
  const { parseCommandLine } = await import('../dist/config/command-line.js');
  const { startDaemon } = await import('../dist/daemon/daemon.js');
  const { config } = parseCommandLine(
    ['--web.listen-address=127.0.0.1:0', ...process.argv.slice(3)],
    {},
  );
  const say = (fields, text) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`);
  const daemon = await startDaemon({
    config,
    log: { error: say, warn: say, info() {} },
    fatal: (error) => {
      say({}, error.message);
      process.exit(1);
    },
    sources: {
      connector: { fd: 3, receiveBuffer: config.receiveBuffer },
      listening: false,
      execNames: { why: 'off by the benchmark' },
      exitRecords: { why: 'off by the benchmark' },
    },
    sampleIntervalMs: NEVER_MS,
  });
  process.stdout.write(`${JSON.stringify({ pid: process.pid, address: daemon.addresses[0] })}\n`);
  process.once('SIGTERM', async () => process.exit((await daemon.stop()) ? 0 : 1));
}

/** `options`: the feeder's, by name; `flags`: the daemon's. The caller stops it, come what may. */
export async function startFed(options, flags = []) {
  const feed = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = compile('feeder', 'bench/feeder.c');
  const command = [process.execPath, fileURLToPath(import.meta.url), 'serve', ...flags];
  const feeder = spawn(program, [...feed, '--', ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: feeder.stdout })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done) throw new Error('the fed daemon did not start');
  const { pid, address } = JSON.parse(value);
  return new FedDaemon({ feeder, lines, pid, address });
}

class FedDaemon extends DaemonProcess {
  #lines;
  #fed = 0;

  constructor({ feeder, lines, pid, address }) {
    super(feeder, address);
    this.pid = pid;
    this.#lines = lines;
  }

  /**
   * One phase of the feeder, to where the daemon has consumed all of it or takes nothing more. The first sets up.
   * Returns the records fed, the seconds that it took, and what is missing of all that was fed so far.
   */
  async feed() {
    const start = performance.now();
    this.child.stdin.write('\n');
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the feeder has ended');
    const { records } = JSON.parse(value);
    this.#fed += records;
    let last;
    for (;;) {
      const totals = await this.totals();
      const seconds = (performance.now() - start) / 1e3;
      const missing = this.#fed - totals('events_total');
      if (missing === 0 || missing === last) {
        const lost = totals('lost_events_total');
        return { records, seconds, lost: missing, told: lost, shed: totals('shed_events_total') };
      }
      last = missing;
    }
  }

  async stop() {
    if (this.child.exitCode !== null) return;
    this.child.stdin.end();
    await once(this.child, 'exit');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
