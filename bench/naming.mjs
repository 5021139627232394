// How many execs get their name: programs that do nothing, one after the other and in chains of three, with perf's
// COMM records and taskstats on and off. node bench/naming.mjs [--count N] [--chains N]
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { compile, machine, runJson, startDaemon } from './measure.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    chains: { type: 'string', default: '5000' },
  },
});
const storm = compile('storm', 'bench/storm.c');
const nothing = compile('nothing', 'test/programs/nothing.c', [
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-stack-protector',
]);
const LINKS = 3;
const WITNESSES = [[], ['--no-collector.taskstats'], ['--no-collector.perf']];
WITNESSES.push(WITNESSES.slice(1).flat());

/** By comm; uid does not matter here. */
async function execs(daemon) {
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  const counts = new Map();
  for (const [, comm, count] of text.matchAll(
    /^procevents_execs_total\{comm="(.*?)",.*\} (\d+)$/gm,
  )) {
    counts.set(comm, (counts.get(comm) ?? 0) + Number(count));
  }
  const pending = Number(/^procevents_pending_execs (\d+)$/m.exec(text)[1]);
  return { pending, of: (comm) => counts.get(comm) ?? 0 };
}

async function settled(daemon) {
  for (;;) {
    const state = await execs(daemon);
    if (state.pending === 0) return state;
  }
}

/** Execs under each name: at most `count` may be, what is above is wrong. */
function line(what, names, count, before, after) {
  let named = 0;
  let wrong = 0;
  for (const name of names) {
    const grown = after.of(name) - before.of(name);
    named += Math.min(grown, count);
    wrong += Math.max(0, grown - count);
  }
  const all = count * names.length;
  // What is neither named nor unknown went under some other name; others' execs may be among the unknown.
  const unknown = Math.min(all - named, after.of('<unknown>') - before.of('<unknown>'));
  wrong += all - named - unknown;
  const percent = (part) => `${((part / all) * 100).toFixed(2)} %`;
  return `  ${what}: ${percent(named)} named, ${percent(wrong)} wrong (${wrong}), ${percent(unknown)} unknown of ${all}\n`;
}

const directory = mkdtempSync(`${tmpdir()}/naming-`);
process.stdout.write(`${machine()}\n`);
try {
  const name = `nothing-${process.pid}`;
  copyFileSync(nothing, `${directory}/${name}`);
  for (const flags of WITNESSES) {
    const daemon = await startDaemon(flags);
    const start = await settled(daemon);
    await runJson(storm, ['exec', '--program', `${directory}/${name}`, '--count', values.count]);
    const middle = await settled(daemon);
    const chain = ['--chain', String(LINKS), '--count', values.chains];
    await runJson(storm, ['exec', '--program', nothing, ...chain]);
    const end = await settled(daemon);
    const total = await daemon.totals();
    await daemon.stop();
    const links = Array.from({ length: LINKS }, (_, i) => `storm-exec-${i + 1}`);
    const chains = Number(values.chains);
    process.stdout.write(
      `${flags.join(' ') || 'all witnesses'}; ${total('lost_events_total')} events lost\n`,
    );
    process.stdout.write(line('one after the other', [name], Number(values.count), start, middle));
    process.stdout.write(line('chains of three', links, chains, middle, end));
    for (const link of links)
      process.stdout.write(line(`    ${link}`, [link], chains, middle, end));
  }
} finally {
  rmSync(directory, { recursive: true });
}
