// Daemon: puts the stages together, in the order of the data, and takes them apart again.
import { arch, hostname, release } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { Aggregator } from '../aggregator/aggregator.ts';
import { EventCounts } from '../aggregator/event-counts.ts';
import { Attribution } from '../attribution/attribution.ts';
import { Procfs } from '../attribution/procfs.ts';
import { Collector } from '../collector/collector.ts';
import { EVENT_KINDS, FIGURES } from '../collector/record.ts';
import { listenAgain, listens, type Sources } from '../collector/source.ts';
import type { Config } from '../config/config.ts';
import type { ExporterError } from '../errors.ts';
import { LIFETIME_BOUNDS } from '../exposition/host-families.ts';
import { ExporterRegistry } from '../exposition/registry.ts';
import { buildApp } from '../http/app.ts';
import { listen, type Listeners } from '../http/listen.ts';
import { readPageAssets } from '../http/page-assets.ts';
import { preload } from '../http/preload.ts';
import { takeSystemdSockets } from '../http/systemd-sockets.ts';
import { openAndDrop, type Opened } from '../users/open-and-drop.ts';
import { UserNames } from '../users/user-names.ts';
import { EventTimes } from './event-times.ts';
import { DaemonHealth, MONOTONIC, SAMPLE_INTERVAL_MS, type Clock } from './health.ts';
import { rarely, type Logger } from './log.ts';
import { Narrator } from './narrator.ts';
import { Notifier } from './notify.ts';
import { DaemonScrapes } from './scrapes.ts';
import { StormFigures } from './storm-figures.ts';
import { DaemonSummary } from './summary.ts';
import { Upkeep } from './upkeep.ts';
import { importWebFile, type WebFile } from './web-file.ts';
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
  /** SIGHUP: the web file is read anew. Without one nothing happens. */
  reload(): Promise<void>;
  /** Finishes scrapes in flight, says IGNORE, joins the thread. False when the thread does not answer. */
  stop(): Promise<boolean>;
}

/** Resolves when it serves. Rejects with an ExporterError, with everything closed again. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log, clock = MONOTONIC } = options;
  const { webConfigFile: path, healthUnprotected } = config;
  const openWebFile = await importWebFile({ path, healthUnprotected, log });
  const procfs = new Procfs(config.procfs);
  let kernelForks = 0;
  const readForks = (): number => (kernelForks = procfs.readForks() ?? kernelForks);

  const pidsLimit = procfs.readPidsLimit();
  const pairs = new Aggregator({
    pairsMax: config.pairsMax,
    folds: config.folds,
    living: (mark) => attribution.living(mark),
  });
  pairs.now = performance.now() / 1000;
  const counts = new EventCounts(pairs, LIFETIME_BOUNDS);
  const now = (): number => Number(process.hrtime.bigint());
  const times = new EventTimes(counts, now);
  const narrator = new Narrator({ log, threshold: config.stormThreshold, procfs, now });
  const attribution = new Attribution({
    sink: counts,
    observer: narrator,
    procfs,
    limit: pidsLimit,
    now,
  });

  await preload();
  const pageAssets = readPageAssets();
  const { sources, privilege } = openUnlessGiven(options, procfs);
  const collector = new Collector({
    fd: sources.connector.fd,
    listening: sources.listening,
    execNames: sources.execNames.value ?? [],
    exitRecords: sources.exitRecords.value ?? -1,
    procfs: config.procfs,
    ringSlots: config.ringSlots,
    gatherMs: config.gatherMs,
    stormThreshold: config.stormThreshold,
    draining: () => {
      times.draining();
      pairs.now = performance.now() / 1000;
    },
    consume: (words, at) => {
      times.see(words, at);
      attribution.consume(words, at);
    },
    drained: () => {
      attribution.drained();
      health.drained();
      upkeep.drained();
      narrator.drained(collector.figures);
      times.drained(collector.figures);
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
  let webFile: WebFile;
  let app: FastifyInstance;
  let listeners: Listeners;
  try {
    webFile = await openWebFile();
    health.webConfig = () => webFile.check();
    await attribution.seed(() => collector.cut(SEED_WAIT_MS, () => {}));
    const counted = {
      collector,
      attribution,
      pairs,
      counts,
      health,
      lag: times.lag,
      upkeep,
      readForks,
      users: new UserNames(config.passwd),
      pidsLimit,
      pairsMax: config.pairsMax,
      storms: new StormFigures(collector.figures),
      narrator,
    };
    const registry = new ExporterRegistry({
      takeCut: () => scrapes.takeCut(),
      exporterMetrics: config.exporterMetrics,
      created: config.created,
      build: { version: VERSION, revision: REVISION, nodeversion: process.version, arch: arch() },
    });
    const scrapes = new DaemonScrapes({ counted, registry });
    app = buildApp({
      telemetryPath: config.telemetryPath,
      scrapes,
      health,
      log: errors,
      version: VERSION,
      maxRequests: config.maxRequests,
      page: {
        viewers: config.page,
        authenticates: () => webFile.authenticates(),
        hostNames: hostNames(config),
      },
      pageAssets,
      summary: new DaemonSummary({
        ...counted,
        history: times.history,
        now,
        version: VERSION,
        stormThreshold: config.stormThreshold,
      }),
    });
    // The first answer compiles what gives it: better before anybody waits.
    for (let i = 0; i < WARM_UPS; i++) await app.inject(config.telemetryPath);
    const addresses = config.systemdSocket
      ? takeSystemdSockets({ environment: process.env, pid: process.pid, listens })
      : config.listenAddresses;
    listeners = await listen({ app, addresses, log: errors, secured: webFile.secured });
  } catch (error) {
    upkeep.stop();
    await collector.stop(STOP_GRACE_MS);
    throw error;
  }

  const notifier = new Notifier({ environment: options.environment ?? process.env, log });
  const status = (): string => statusText(collector.figures, upkeep.unheard);
  const sample = (): void => {
    health.sample();
    // A storm may end, and no event come that would tell of it.
    narrator.drained(collector.figures);
    notifier.status(status);
  };
  const sampling = setInterval(sample, options.sampleIntervalMs ?? SAMPLE_INTERVAL_MS).unref();
  log.info(
    {
      version: VERSION,
      revision: REVISION,
      node: process.version,
      kernel: release(),
      privilege,
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
    await webFile.reload();
    // Each time: that the file is broken is said as an error once a minute only.
    const web = webFile.check();
    log[web.status === 'ok' ? 'info' : 'warn']({ webConfig: web.detail }, 'reloaded');
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
      narrator.stop(collector.figures);
      log.info(ended ? 'stopped' : 'stopped without the collector thread, which does not answer');
      return ended;
    },
  };
}

/** By which a browser may ask for the page: this host's own name, and those that the addresses were given by. */
function hostNames({ listenAddresses }: Config): readonly string[] {
  const given = listenAddresses.map((one) => (one.kind === 'tcp' ? one.host : undefined));
  return [hostname(), ...given.filter((name) => name !== undefined)];
}

function openUnlessGiven(
  { config, log, sources }: DaemonOptions,
  procfs: Procfs,
): Partial<Opened> & Pick<Opened, 'sources'> {
  if (sources !== undefined) return { sources };
  const opened = openAndDrop({ config, procfs, warn: (text) => log.warn(text) });
  if (procfs.readForks() === undefined) {
    log.warn(
      `${config.procfs}/stat cannot be read (a mount with subset=pid?): procevents_kernel_forks_total stays 0`,
    );
  }
  return opened;
}

/** One line for `systemctl status`. */
function statusText(figures: Float64Array, unheard: number): string {
  const sum = (from: number, count: number): number =>
    figures.subarray(from, from + count).reduce((total, value) => total + value, 0);
  const kinds = EVENT_KINDS.length;
  const lost = figures[FIGURES.lostKernel]! + figures[FIGURES.lostSocket]! + unheard;
  return `${sum(FIGURES.events, kinds)} events, ${lost} lost, ${sum(FIGURES.shed, kinds)} shed`;
}
