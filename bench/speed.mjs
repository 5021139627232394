// How fast a storm runs while somebody reads its events: without a reader, with the bare reader of the connector alone and
// of connector and exit records, and with the daemon. One after the other in each round, so that what else the machine does
// falls on all of them; each round starts with another one.
// node bench/speed.mjs [vfork|fork|thread|exec] [--count N] [--procs N] [--rounds N]
import { parseArgs } from 'node:util';
import {
  compile,
  compileReader,
  machine,
  median,
  runJson,
  startDaemon,
  startReader,
} from './measure.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100000' },
    procs: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
  },
});
const storm = compile('storm', 'bench/storm.c');
compileReader();
const load = [positionals[0] ?? 'vfork', '--rate', '0', '--procs', values.procs];
const nobody = { async stop() {} };

const READERS = {
  'no reader': async () => nobody,
  'bare reader, connector': () => startReader('connector'),
  'bare reader, connector and exit records': () => startReader('taskstats'),
  daemon: () => startDaemon(),
  'daemon, connector alone': () => startDaemon(['--no-collector.perf', '--no-collector.taskstats']),
};
const names = Object.keys(READERS);

async function speed(name) {
  const reader = await READERS[name]();
  try {
    // The compiler's work, and the first touch of memory, are not what is asked for.
    await runJson(storm, [...load, '--seconds', '1']);
    return (await runJson(storm, [...load, '--count', values.count])).ops_per_second;
  } finally {
    await reader.stop();
  }
}

const results = Object.fromEntries(names.map((name) => [name, []]));
const rounds = Number(values.rounds);
for (let i = 0; i < rounds; i++) {
  for (const name of [...names.slice(i % names.length), ...names.slice(0, i % names.length)]) {
    results[name].push(await speed(name));
  }
}

/** Of the pairs of one round each. */
const ratio = (name, to) =>
  median(results[name].map((rate, i) => rate / results[to][i])).toFixed(3);
const lines = names.map(
  (name) =>
    `  ${name.padEnd(40)} ${Math.round(median(results[name]))}/s, ${ratio(name, 'no reader')} of no reader\n`,
);
process.stdout.write(`${machine()}
${load.join(' ')} --count ${values.count}, medians of ${rounds}, after a second of the same
${lines.join('')}  daemon to bare reader, same sources: ${ratio('daemon', names[2])}
  daemon to bare reader, connector alone: ${ratio('daemon, connector alone', names[1])}
`);
