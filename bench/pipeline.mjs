// How many records a second go through ring, attribution and aggregation: fed by bench/feeder.c through a socket, with the
// CPU time that each thread needs for one, and, without socket and collector, in JavaScript alone.
// node bench/pipeline.mjs [--records N] [--rates R,R,...] [--kind fork|comm] [--live N] [--rounds N]
// The socket and three busy threads, the feeder's among them, need their share of the CPUs too: see the feeder's time.
// A rate is in records a second; 0 is as fast as the socket takes them. Each round has a daemon of its own, which takes
// as many records before what is measured, for the compiler.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Aggregator } from '../dist/aggregator/aggregator.js';
import { EventCounts } from '../dist/aggregator/event-counts.js';
import { Attribution } from '../dist/attribution/attribution.js';
import { Procfs } from '../dist/attribution/procfs.js';
import * as record from '../dist/collector/record.js';
import { Narrator } from '../dist/daemon/narrator.js';
import { LIFETIME_BOUNDS } from '../dist/exposition/host-families.js';
import { startFed } from './fed.mjs';
import { cpuSeconds, machine, median, threads } from './measure.mjs';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '5000000' },
    rates: { type: 'string', default: '1000000,2100000,0' },
    kind: { type: 'string', default: 'fork' },
    live: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
});
/** Above every real pid. */
const FIRST_PID = 4_194_304;
const WINDOW = 1024;
const SLOTS = 131_072;

async function fed(rate) {
  const feed = { kind: values.kind, live: values.live, records: values.records, rate };
  const daemon = await startFed(feed);
  try {
    await daemon.feed();
    const warm = await daemon.feed();
    const before = threads(daemon.pid);
    const feederBefore = cpuSeconds(daemon.child.pid);
    const all = await daemon.feed();
    const feeder = ((cpuSeconds(daemon.child.pid) - feederBefore) * 1e9) / all.records;
    const spent = (tid) => {
      const ns = (of) => of.find((thread) => thread.tid === tid)?.ns ?? 0;
      return (ns(threads(daemon.pid)) - ns(before)) / all.records;
    };
    const main = spent(daemon.pid);
    const collector = spent(before.find(({ name }) => name === 'collector').tid);
    const total = before.reduce((sum, { tid }) => sum + spent(tid), 0);
    return {
      rate: (all.records - (all.shed - warm.shed)) / all.seconds,
      main,
      collector,
      others: total - main - collector,
      feeder,
      lost: all.lost - warm.lost,
      shed: all.shed - warm.shed,
    };
  } finally {
    await daemon.stop();
  }
}

/** A ring's worth of records: processes that are born and end half a window later, or renames of one. */
function fill() {
  const words = new Uint32Array(SLOTS * record.RECORD_WORDS);
  for (let i = 0; i < SLOTS; i++) {
    const at = i * record.RECORD_WORDS;
    const born = (i >> 1) % WINDOW;
    const pid = FIRST_PID + (i % 2 === 0 ? born : (born + WINDOW / 2) % WINDOW);
    const kind = i % 2 === 0 ? record.FORK : record.EXIT;
    words[at + record.WORD_HEAD] = values.kind === 'comm' ? record.COMM : kind;
    words[at + record.WORD_TIME_LOW] = i;
    words[at + record.WORD_PID] = words[at + record.WORD_TGID] =
      values.kind === 'comm' ? process.pid : pid;
    if (values.kind === 'comm') words[at + record.WORD_COMM] = 0x64_6465 + (i % 2);
    else words[at + record.WORD_OTHER_PID] = words[at + record.WORD_OTHER_TGID] = process.pid;
  }
  return words;
}

/** Records a second that one thread takes when nothing else has to be done. */
function alone() {
  const counts = new EventCounts(new Aggregator({ pairsMax: 1000 }), LIFETIME_BOUNDS);
  const now = () => 0;
  const procfs = new Procfs('/proc');
  const observer = new Narrator({ log: { warn() {} }, threshold: 2000, procfs, now });
  const attribution = new Attribution({ sink: counts, observer, procfs, limit: 2 ** 22, now });
  const words = fill();
  const pass = () => {
    for (let at = 0; at < words.length; at += record.RECORD_WORDS) attribution.consume(words, at);
  };
  pass();
  pass();
  const passes = Math.ceil(Number(values.records) / SLOTS);
  const start = performance.now();
  for (let i = 0; i < passes; i++) pass();
  return (passes * SLOTS) / ((performance.now() - start) / 1e3);
}

const queue = readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'latin1').trim();
const rounds = Array.from({ length: Number(values.rounds) });
const perSecond = (number) => Math.round(number).toLocaleString('en');
process.stdout.write(`${machine()}
${values.kind}, ${values.live} live processes, ${values.records} records a round, medians of ${rounds.length}
net.unix.max_dgram_qlen is ${queue} here; the feeder makes its socket where it is 16384, unless it said otherwise
  JavaScript alone: ${perSecond(median(rounds.map(() => alone())))} records/s
`);
for (const rate of values.rates.split(',')) {
  const results = [];
  for (const _ of rounds) results.push(await fed(rate));
  const of = (key) => median(results.map((result) => result[key]));
  const asked = rate === '0' ? 'as fast as it goes' : `${perSecond(Number(rate))}/s asked`;
  process.stdout.write(
    `  ${asked}: ${perSecond(of('rate'))} records/s counted; ns a record: main ${of('main').toFixed(0)}, ` +
      `collector ${of('collector').toFixed(0)}, others ${of('others').toFixed(0)}; ` +
      `feeder ${of('feeder').toFixed(0)}; lost ${of('lost')}, shed ${of('shed')}\n`,
  );
}
