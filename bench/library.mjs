// How fast the library is: the pure parser on datagrams in memory, and `for await` over a connector that bench/feeder.c feeds
// through a socket instead of the kernel, all of its threads held on one CPU by taskset.
// node bench/library.mjs [--events N] [--rates R,R,...] [--rounds N] [--free] [--attribute]
// A rate is in events a second, 0 as fast as the socket takes them; --free leaves the threads to the scheduler;
// --attribute asks who each event is about.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ProcConnector, parseDatagram } from '../dist/index.js';
import { EVENT_DATA, PROC_EVENT } from '../dist/parse.js';
import { compile, machine, median, threads } from './measure.mjs';

const { values, positionals } = parseArgs({
  options: {
    events: { type: 'string', default: '4000000' },
    rates: { type: 'string', default: '1000000,0' },
    rounds: { type: 'string', default: '5' },
    free: { type: 'boolean', default: false },
    attribute: { type: 'boolean', default: false },
    setup: { type: 'string' }, // the consumer's own
  },
  allowPositionals: true,
});
const EVENTS = Number(values.events);
const ROUNDS = Number(values.rounds);
const FIRST_PID = 4_194_304;

/** As the kernel sends them: one message each. */
function datagram(kind, i) {
  const bytes = Buffer.alloc(76);
  bytes.writeUInt32LE(76, 0);
  bytes.writeUInt16LE(3, 4);
  bytes.writeUInt32LE(1, 16);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt32LE(i, 24);
  bytes.writeUInt16LE(40, 32);
  bytes.writeUInt32LE(PROC_EVENT[kind], 36);
  bytes.writeUInt32LE(i & 1, 40);
  bytes.writeBigUInt64LE(BigInt(1e15 + i * 1000), 44);
  for (let word = 0; word < 4; word++) bytes.writeUInt32LE(FIRST_PID + i, 52 + 4 * word);
  if (kind === 'comm') bytes.write(`pair-${i & 63}`, 52 + EVENT_DATA.comm.comm);
  return new Uint8Array(bytes);
}

/** Events a second of the thread's own CPU time. */
function parse(kinds) {
  // A batch of recvmmsg.
  const datagrams = Array.from({ length: 256 }, (_, i) => datagram(kinds[i % kinds.length], i));
  const turns = Math.ceil(EVENTS / datagrams.length);
  const rates = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    let events = 0;
    let pids = 0;
    for (let turn = 0; turn < turns; turn++) {
      for (const bytes of datagrams) {
        for (const message of parseDatagram(bytes)) {
          if (message.type !== 'event') continue;
          events++;
          pids += message.event.pid;
        }
      }
    }
    const { user, system } = process.cpuUsage(before);
    if (pids === 0) throw new Error('nothing was read');
    if (round > 0) rates.push(events / ((user + system) / 1e6)); // the first is the compiler's
  }
  return median(rates);
}

/** In the feeder's child: says when it listens, and after each phase what it cost. */
async function consume() {
  const connector = await ProcConnector.open({ fd: 3, attribute: values.attribute });
  const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const nsOf = () => Object.fromEntries(threads(process.pid).map(({ tid, ns }) => [tid, ns]));
  process.once('SIGTERM', () => process.exit(0));
  say({ listens: true });
  let left = Number(values.setup);
  let given = 0;
  let lost = 0;
  let start;
  let before;
  for await (const event of connector) {
    if (start === undefined) {
      start = performance.now();
      before = nsOf();
    }
    if (event.kind === 'lost') {
      lost += event.count;
      left -= event.count;
    } else {
      given++;
      left--;
    }
    if (left > 0) continue;
    const seconds = (performance.now() - start) / 1e3;
    const after = nsOf();
    const main = after[process.pid] - before[process.pid];
    const all = Object.keys(after).reduce((sum, tid) => sum + after[tid] - (before[tid] ?? 0), 0);
    say({ given, lost, seconds, main: main / given, all: all / given });
    given = lost = 0;
    start = undefined;
    left = EVENTS;
  }
}

async function fed(kind, rate) {
  // What the feeder sends before all else: who lives, and for `comm` the one that renames itself.
  const setup = 512 + (kind === 'comm' ? 1 : 0);
  const feeder = compile('feeder', 'bench/feeder.c');
  const pinned = values.free ? [] : ['taskset', '-c', '1'];
  const self = [
    process.execPath,
    fileURLToPath(import.meta.url),
    'consume',
    '--events',
    EVENTS,
    '--setup',
    setup,
  ];
  if (values.attribute) self.push('--attribute');
  const feed = ['--records', EVENTS, '--rate', rate, '--kind', kind].map(String);
  const command = [...feed, '--', ...pinned, ...self].map(String);
  const [program, ...args] = values.free
    ? [feeder, ...command]
    : ['taskset', '-c', '0', feeder, ...command];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const results = [];
  const line = async (wanted) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the feeder has ended');
      const said = JSON.parse(value);
      if (wanted in said) return said;
    }
  };
  try {
    await line('listens');
    // Setting up, then a phase for the compiler, then what is measured.
    for (let phase = 0; phase < 2 + ROUNDS; phase++) {
      child.stdin.write('\n');
      results.push(await line('given'));
    }
  } finally {
    child.stdin.end();
  }
  const of = (take) => median(results.slice(2).map(take));
  const count = (n) => Math.round(n).toLocaleString('en');
  console.log(
    `for await, ${kind} events, ${rate === '0' ? 'as fast as they go' : `${count(Number(rate))}/s asked`}: ` +
      `${count(of((r) => r.given / r.seconds))} events/s given, ` +
      `${of((r) => r.main).toFixed(0)} ns of CPU each on the main thread, ${of((r) => r.all).toFixed(0)} ns in all, ` +
      `${count(of((r) => r.lost))} lost of ${count(EVENTS)}`,
  );
}

if (positionals[0] === 'consume') {
  await consume();
} else {
  console.log(machine());
  for (const kinds of [['fork', 'exec', 'exit'], ['comm']]) {
    const rate = Math.round(parse(kinds)).toLocaleString('en');
    console.log(`parseDatagram, ${kinds.join(', ')}: ${rate} messages a second of CPU time`);
  }
  for (const kind of ['fork', 'comm']) {
    for (const rate of values.rates.split(',')) await fed(kind, rate);
  }
}
