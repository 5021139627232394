// Daemon: puts the stages together, in the order of the data, and takes them apart again.
import { arch, release } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { Aggregator } from '../aggregator/aggregator.ts';
import { EventCounts } from '../aggregator/event-counts.ts';
import { Attribution } from '../attribution/attribution.ts';
import { Procfs } from '../attribution/procfs.ts';
import { Collector } from '../collector/collector.ts';
import { openConnector } from '../collector/source.ts';
import type { Config } from '../config/config.ts';
import { ExporterRegistry } from '../exposition/registry.ts';
import { buildApp } from '../http/app.ts';
import { listen, type Listeners } from '../http/listen.ts';
import { DaemonHealth, MONOTONIC, SAMPLE_INTERVAL_MS } from './health.ts';
import { rarely, type Logger } from './log.ts';
import { DaemonScrapes } from './scrapes.ts';
import { REVISION, VERSION } from './version.ts';

/** A scrape in flight may finish; with a second for the thread this stays within the two that stopping may take. */
const CLOSE_GRACE_MS = 800;
/** Under load; see native/collector.cc for when that is. */
const GATHER_MS = 5;
/** Cold, an answer holds the event loop for 8 ms, after three for 3. */
const WARM_UPS = 3;
/** What was queued while /proc was scanned; the collector needs microseconds an event. */
const SEED_WAIT_MS = 1000;

export interface Daemon {
  /** Finishes scrapes in flight, says IGNORE, joins the thread. False when the thread does not answer. */
  stop(): Promise<boolean>;
}

/** Resolves when it serves. Rejects with an ExporterError, with everything closed again. */
export async function startDaemon(config: Config, log: Logger): Promise<Daemon> {
  const procfs = new Procfs(config.procfs);
  let kernelForks = 0;
  const readForks = (): number => (kernelForks = procfs.readForks() ?? kernelForks);

  const pidsLimit = procfs.readPidsLimit();
  const pairs = new Aggregator({ pairsMax: config.pairsMax });
  const counts = new EventCounts(pairs);
  const attribution = new Attribution({ sink: counts, procfs, limit: pidsLimit });

  const source = openConnector(config.receiveBuffer);
  const collector = new Collector({
    fd: source.fd,
    listening: true,
    procfs: config.procfs,
    ringSlots: config.ringSlots,
    gatherMs: GATHER_MS,
    consume: (words, at) => attribution.consume(words, at),
    drained: () => {
      attribution.drained();
      health.drained();
    },
    died: () => health.report(),
  });
  const health = new DaemonHealth({ collector, log, readForks, clock: MONOTONIC });

  const errors = rarely(log);
  let app: FastifyInstance;
  let listeners: Listeners;
  try {
    await attribution.seed(() => collector.cut(SEED_WAIT_MS, () => {}));
    const counted = {
      collector,
      attribution,
      pairs,
      counts,
      health,
      readForks,
      pidsLimit,
      pairsMax: config.pairsMax,
    };
    const registry = new ExporterRegistry({
      takeCut: () => scrapes.takeCut(),
      exporterMetrics: config.exporterMetrics,
      build: { version: VERSION, revision: REVISION, nodeversion: process.version, arch: arch() },
    });
    const scrapes = new DaemonScrapes({ counted, registry });
    app = buildApp({
      telemetryPath: config.telemetryPath,
      scrapes,
      health,
      log: errors,
      version: VERSION,
    });
    // The first answer compiles what gives it: better before anybody waits.
    for (let i = 0; i < WARM_UPS; i++) await app.inject(config.telemetryPath);
    listeners = await listen({ app, addresses: config.listenAddresses, log: errors });
  } catch (error) {
    collector.stop();
    throw error;
  }

  const sampling = setInterval(() => health.sample(), SAMPLE_INTERVAL_MS).unref();
  log.info(
    {
      version: VERSION,
      revision: REVISION,
      node: process.version,
      kernel: release(),
      receiveBufferBytes: source.receiveBuffer,
      receiveBufferForced: source.forced,
      taskstats: false,
      processes: attribution.processes,
      addresses: listeners.urls,
    },
    'listening',
  );
  return {
    async stop() {
      clearInterval(sampling);
      await listeners.close(CLOSE_GRACE_MS);
      await app.close();
      const ended = collector.stop();
      log.info(ended ? 'stopped' : 'stopped without the collector thread, which does not answer');
      return ended;
    },
  };
}
