// The daemons of many hosts in one process, each fed through a descriptor of its own instead of by a kernel: 3 and up. Input:
// how many, and a procfs for all. Output: a JSON line with their addresses. Plain JavaScript over dist/, run by
// test/programs/fleet.c.
import { parseCommandLine } from '../../dist/config/command-line.js';
import { startDaemon } from '../../dist/daemon/daemon.js';

const [count, procfs] = process.argv.slice(2);
const OFF = { why: 'off by the test' };
const say = (fields, text) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`);

const { config } = parseCommandLine(
  [
    '--web.listen-address=127.0.0.1:0',
    `--path.procfs=${procfs}`,
    '--path.passwd=',
    '--web.disable-exporter-metrics',
    '--collector.ring-slots=16384',
  ],
  {},
);

const daemons = await Promise.all(
  Array.from({ length: Number(count) }, (_, host) =>
    startDaemon({
      config,
      log: { error: say, warn: say, info() {} },
      fatal: (error) => {
        say({}, error.message);
        process.exit(1);
      },
      sources: {
        connector: { fd: 3 + host, receiveBuffer: config.receiveBuffer },
        listening: false,
        execNames: OFF,
        exitRecords: OFF,
      },
    }),
  ),
);
process.stdout.write(`${JSON.stringify(daemons.map(({ addresses }) => addresses[0]))}\n`);
process.once('SIGTERM', async () => {
  const ended = await Promise.all(daemons.map((daemon) => daemon.stop()));
  process.exit(ended.every(Boolean) ? 0 : 1);
});
