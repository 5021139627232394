// Daemon: puts the stages together, in the order of the data, and takes them apart again.
import { arch, release } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { Aggregator } from '../aggregator/aggregator.ts';
import { EventCounts } from '../aggregator/event-counts.ts';
import { Histogram } from '../aggregator/histogram.ts';
import { Attribution } from '../attribution/attribution.ts';
import { Procfs } from '../attribution/procfs.ts';
import { Collector } from '../collector/collector.ts';
import {
  EVENT_KINDS,
  FIGURES,
  WORD_HEAD,
  WORD_TIME_HIGH,
  WORD_TIME_LOW,
} from '../collector/record.ts';
import { listenAgain, openSources, type Sources } from '../collector/source.ts';
import type { Config } from '../config/config.ts';
import type { ExporterError } from '../errors.ts';
import { LAG_BOUNDS, LIFETIME_BOUNDS } from '../exposition/host-families.ts';
import { ExporterRegistry } from '../exposition/registry.ts';
import { buildApp } from '../http/app.ts';
import { listen, type Listeners } from '../http/listen.ts';
import { DaemonHealth, MONOTONIC, SAMPLE_INTERVAL_MS, type Clock } from './health.ts';
import { rarely, type Logger } from './log.ts';
import { Notifier } from './notify.ts';
import { dropPrivilege, ownUids, type Dropped } from './privilege.ts';
import { DaemonScrapes } from './scrapes.ts';
import { Upkeep } from './upkeep.ts';
import { userToBecome } from './user.ts';
import { REVISION, VERSION } from './version.ts';

/** Stopping may take two seconds in all. A scrape in flight waits so long for its cut, then it gets what there is... */
const CUT_GRACE_MS = 300;
/** ...and so long for its reader; ... */
const CLOSE_GRACE_MS = 800;
/** ...the collector thread ends in microseconds, unless a debugger holds it. */
const STOP_GRACE_MS = 500;
/** Cold, an answer holds the event loop for 8 ms, after three for 3. */
const WARM_UPS = 3;
/** What was queued while /proc was scanned; the collector needs microseconds an event. */
const SEED_WAIT_MS = 1000;

export interface DaemonOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Called when it cannot go on; the process is to end. */
  readonly fatal: (error: ExporterError) => void;
  /** Instead of the kernel's; then whoever opened them keeps what privilege he has. */
  readonly sources?: Sources;
  readonly clock?: Clock;
  readonly sampleIntervalMs?: number;
  /** Where the service manager says how to reach it. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Daemon {
  readonly addresses: readonly string[];
  /** Reads again what may change while it runs. */
  reload(): Promise<void>;
  /** Finishes scrapes in flight, says IGNORE, joins the thread. False when the thread does not answer. */
  stop(): Promise<boolean>;
}

/** Resolves when it serves. Rejects with an ExporterError, with everything closed again. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log, clock = MONOTONIC } = options;
  const procfs = new Procfs(config.procfs);
  let kernelForks = 0;
  const readForks = (): number => (kernelForks = procfs.readForks() ?? kernelForks);

  const pidsLimit = procfs.readPidsLimit();
  const pairs = new Aggregator({ pairsMax: config.pairsMax });
  const counts = new EventCounts(pairs, LIFETIME_BOUNDS);
  const lag = new Histogram(LAG_BOUNDS);
  const now = (): number => Number(process.hrtime.bigint());
  const attribution = new Attribution({ sink: counts, procfs, limit: pidsLimit, now });

  const { sources, privilege } = openAndDrop(options);
  let drainTime = 0;
  const collector = new Collector({
    fd: sources.connector.fd,
    listening: sources.listening,
    execNames: sources.execNames.value ?? [],
    exitRecords: sources.exitRecords.value ?? -1,
    procfs: config.procfs,
    ringSlots: config.ringSlots,
    gatherMs: config.gatherMs,
    draining: () => {
      drainTime = now();
    },
    consume: (words, at) => {
      if ((words[at + WORD_HEAD]! & 0xff) < EVENT_KINDS.length) {
        const time = words[at + WORD_TIME_HIGH]! * 2 ** 32 + words[at + WORD_TIME_LOW]!;
        lag.observe(Math.max(0, drainTime - time) / 1e9);
      }
      attribution.consume(words, at);
    },
    drained: () => {
      attribution.drained();
      health.drained();
      upkeep.drained();
    },
    died: () => health.report(),
  });
  const upkeep = new Upkeep({
    collector,
    attribution,
    log,
    listenAgain: () => listenAgain(sources),
    fatal: options.fatal,
  });
  const health = new DaemonHealth({
    collector,
    attribution,
    sources,
    feed: upkeep,
    log,
    readForks,
    clock,
  });

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
      lag,
      upkeep,
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
    upkeep.stop();
    await collector.stop(STOP_GRACE_MS);
    throw error;
  }

  const notifier = new Notifier({ environment: options.environment ?? process.env, log });
  const status = (): string => statusText(collector.figures, upkeep.unheard);
  const sampling = setInterval(() => {
    health.sample();
    notifier.status(status);
  }, options.sampleIntervalMs ?? SAMPLE_INTERVAL_MS).unref();
  log.info(
    {
      version: VERSION,
      revision: REVISION,
      node: process.version,
      kernel: release(),
      ...privilege,
      receiveBufferBytes: sources.connector.receiveBuffer,
      ...health.witnesses(),
      processes: attribution.processes,
      addresses: listeners.urls,
    },
    'listening',
  );
  notifier.ready(status(), () => health.alive);
  const reload = async (): Promise<void> => {
    notifier.reloading();
    log.info('reloaded');
    notifier.reloaded();
  };
  let reloads = Promise.resolve();
  return {
    addresses: listeners.urls,
    reload() {
      // One after the other: of two signals the second may bring what the first read too early.
      reloads = reloads.then(reload);
      return reloads;
    },
    async stop() {
      clearInterval(sampling);
      notifier.stopping();
      upkeep.stop();
      const hurry = setTimeout(() => collector.giveUp(), CUT_GRACE_MS);
      await listeners.close(CLOSE_GRACE_MS);
      await app.close();
      clearTimeout(hurry);
      const ended = await collector.stop(STOP_GRACE_MS);
      log.info(ended ? 'stopped' : 'stopped without the collector thread, which does not answer');
      return ended;
    },
  };
}

/**
 * All that takes privilege, and its end: no thread has any afterwards, the collector's included, which is made later.
 * What users name (the web file, a unix socket's path) is opened after this.
 */
function openAndDrop({ config, log, sources }: DaemonOptions): {
  readonly sources: Sources;
  readonly privilege?: Dropped;
} {
  if (sources !== undefined) return { sources };
  const { user: wanted, passwd } = config;
  const become = userToBecome({ wanted, passwd, uids: ownUids() });
  const opened = openSources(config);
  const privilege = dropPrivilege(become);
  if (privilege.uid === 0) {
    log.warn('runs as root, without capabilities: it may still write what belongs to root');
  }
  return { sources: opened, privilege };
}

/** One line for `systemctl status`. */
function statusText(figures: Float64Array, unheard: number): string {
  const sum = (from: number, count: number): number =>
    figures.subarray(from, from + count).reduce((total, value) => total + value, 0);
  const kinds = EVENT_KINDS.length;
  const lost = figures[FIGURES.lostKernel]! + figures[FIGURES.lostSocket]! + unheard;
  return `${sum(FIGURES.events, kinds)} events, ${lost} lost, ${sum(FIGURES.shed, kinds)} shed`;
}
