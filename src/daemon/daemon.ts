// Daemon: puts the stages together, in the order of the data, and takes them apart again.
import { arch, release } from 'node:os';
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
import type { Logger } from './log.ts';
import { DaemonScrapes } from './scrapes.ts';
import { REVISION, VERSION } from './version.ts';

/** A scrape in flight may finish; with a second for the thread this stays within the two that stopping may take. */
const CLOSE_GRACE_MS = 800;
/** Under load; see native/collector.cc for when that is. */
const GATHER_MS = 5;
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

  let listeners: Listeners;
  try {
    await attribution.seed(() => collector.cut(SEED_WAIT_MS, () => {}));
    const counted = {
      collector,
      attribution,
      pairs,
      counts,
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
    const app = buildApp({
      telemetryPath: config.telemetryPath,
      scrapes,
      health,
      log,
      version: VERSION,
    });
    listeners = await listen({ app, addresses: config.listenAddresses, log });
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
      const ended = collector.stop();
      log.info(ended ? 'stopped' : 'stopped without the collector thread, which does not answer');
      return ended;
    },
  };
}
