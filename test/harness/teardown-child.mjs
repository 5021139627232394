// A process that ends in the middle of something. Input: the stage, as its only argument. It is plain JavaScript over
// dist/, for it runs as a process of its own (and as that one's worker thread), and its exit code is what is tested.
import { spawnSync } from 'node:child_process';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Collector } from '../../dist/collector/collector.js';
import { openConnector } from '../../dist/collector/source.js';

const stage = isMainThread ? process.argv[2] : workerData;

function collect(consume = () => {}) {
  const { fd } = openConnector(1 << 20);
  const sources = { fd, listening: true, procfs: '/proc', execNames: [], exitRecords: -1 };
  const nothing = () => {};
  return new Collector({
    ...sources,
    ringSlots: 4096,
    gatherMs: 5,
    stormThreshold: 2000,
    draining: nothing,
    consume,
    drained: nothing,
    died: () => process.exit(9),
  });
}

/** Leaves the turn of the event loop, so that what is tested does not run inside a promise. */
const outside = (action) => setImmediate(() => action());

function worker(inner, then) {
  const thread = new Worker(new URL(import.meta.url), { workerData: inner });
  thread.once('message', () => then(thread));
  thread.once('error', () => process.exit(8));
}

const STAGES = {
  opened() {
    openConnector(1 << 20);
    process.exit(0);
  },
  started() {
    collect();
    process.exit(0);
  },
  draining() {
    collect(() => process.exit(0));
    spawnSync('true');
  },
  'stopped while draining'() {
    const collector = collect(() => {
      void collector.stop(1000);
      process.exit(0);
    });
    spawnSync('true');
  },
  'taking a cut'() {
    void collect().cut(60_000, () => process.exit(0));
  },
  'waiting for a cut'() {
    void collect().cut(60_000, () => {});
    outside(() => process.exit(0));
  },
  'stopped twice, then left alone'() {
    const collector = collect();
    void collector.stop(1000);
    void collector.stop(1000);
    // Nothing holds the event loop: the process ends by itself.
  },
  'an uncaught exception while draining'() {
    process.on('uncaughtException', () => process.exit(0));
    collect(() => {
      throw new Error('a defect');
    });
    spawnSync('true');
  },
  'the main thread ends while a worker collects'() {
    worker('collect for ever', () => process.exit(0));
  },
  'a worker is terminated while it collects'() {
    worker('collect for ever', (thread) => void thread.terminate().then(() => process.exit(0)));
  },
  'a worker ends itself while it collects'() {
    worker('collect, then end', (thread) => thread.once('exit', () => process.exit(0)));
  },
  'a worker collects after another has ended'() {
    worker('collect, then end', (first) =>
      first.once('exit', () => worker('collect for ever', () => process.exit(0))),
    );
  },
  'collect for ever'() {
    void collect().cut(60_000, () => parentPort.postMessage('collecting'));
  },
  'collect, then end'() {
    void collect().cut(60_000, () => {
      parentPort.postMessage('collecting');
      outside(() => process.exit(0));
    });
  },
};

STAGES[stage]();
