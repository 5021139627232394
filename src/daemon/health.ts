// Daemon: is it well? Figures of the collector in; the report of /healthz, and a log line when it begins to fail, out.
import { readFileSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { Attribution } from '../attribution/attribution.ts';
import type { Collector } from '../collector/collector.ts';
import { FIGURES } from '../collector/record.ts';
import type { Sources } from '../collector/source.ts';
import type { Health } from '../http/app.ts';
import type { HealthReport, HealthStatus } from '../http/health-report.ts';
import type { Logger } from './log.ts';
import type { Upkeep } from './upkeep.ts';

/** The thread passes once a second when idle; five in a row missed is no accident of scheduling. */
const PASS_MAX_AGE_MS = 5000;
/** The contract: degraded for 60 s after a loss. */
const LOSS_SHOWN_MS = 60_000;
/** Above it the next burst may not fit. */
const RING_FULL_SHARE = 0.8;
/** How often the feed is compared with the kernel's own count of forks. */
export const SAMPLE_INTERVAL_MS = 10_000;
/** An event loop busier than this has no room for a storm and a scrape. */
const BUSY_SHARE = 0.95;

type Check = HealthReport['checks'][string];

export interface Clock {
  /** ms, monotonic */
  now(): number;
}

export const MONOTONIC: Clock = { now: () => Number(process.hrtime.bigint()) / 1e6 };

interface Sample {
  readonly kernelForks: number;
  readonly seenForks: number;
  readonly seen: Attribution['seen'];
}

/** A witness is called silent when this many events in a row came without it: fewer may be chance. */
const SILENT_AFTER = 20;

export class DaemonHealth implements Health {
  readonly #collector: Collector;
  readonly #attribution: Pick<Attribution, 'seen'>;
  readonly #sources: Pick<Sources, 'execNames' | 'exitRecords' | 'narrow'>;
  readonly #feed: Pick<Upkeep, 'heal' | 'healed' | 'deaf'>;
  readonly #cpusAtStart: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #readForks: () => number;
  #lost = 0;
  #lossAt = Number.NEGATIVE_INFINITY;
  /** The last two samples, older first. */
  #samples: readonly [Sample, Sample];
  /** The last sample before the feed fell silent, while it is. */
  #silentSince: Sample | undefined;
  #askedAt: Sample;
  #namesSilent = false;
  #recordsSilent = false;
  #utilization = performance.eventLoopUtilization();
  #busyShare = 0;
  /** Most records that a drain has found waiting, since the sample before the last. */
  #ringPeak = 0;
  #ringPeakBefore = 0;
  #failing = new Set<string>();
  /** Set by the daemon once the web file is open. */
  webConfig: () => Check = () => verdict('ok', 'not read yet');

  constructor(o: {
    readonly collector: Collector;
    readonly attribution: Pick<Attribution, 'seen'>;
    readonly sources: Pick<Sources, 'execNames' | 'exitRecords' | 'narrow'>;
    readonly feed: Pick<Upkeep, 'heal' | 'healed' | 'deaf'>;
    readonly log: Logger;
    readonly readForks: () => number;
    readonly clock: Clock;
  }) {
    this.#collector = o.collector;
    this.#attribution = o.attribution;
    this.#sources = o.sources;
    this.#feed = o.feed;
    this.#cpusAtStart = onlineCpus();
    this.#log = o.log;
    this.#readForks = o.readForks;
    this.#clock = o.clock;
    const first = this.#take();
    this.#samples = [first, first];
    this.#askedAt = first;
  }

  /** Every SAMPLE_INTERVAL_MS. */
  sample(): void {
    const now = this.#take();
    const [older, newer] = this.#samples;
    this.#judgeFeed(older, newer, now);
    const grown = (key: keyof Attribution['seen']): number => now.seen[key] - newer.seen[key];
    if (grown('execs') >= SILENT_AFTER) this.#namesSilent = grown('named') === 0;
    if (grown('exits') >= SILENT_AFTER) this.#recordsSilent = grown('recorded') === 0;
    this.#samples = [newer, now];
    const utilization = performance.eventLoopUtilization();
    this.#busyShare = performance.eventLoopUtilization(utilization, this.#utilization).utilization;
    this.#utilization = utilization;
    this.#ringPeakBefore = this.#ringPeak;
    this.#ringPeak = 0;
    this.report();
  }

  /** Silent when the kernel moved a whole interval ago, and nothing of it has come in the two since. */
  #judgeFeed(older: Sample, newer: Sample, now: Sample): void {
    if (!this.#collector.running) return;
    if (this.#silentSince === undefined) {
      const silent = newer.kernelForks > older.kernelForks && now.seenForks === older.seenForks;
      if (!silent) return;
      this.#silentSince = older;
      this.#askedAt = now;
      this.#feed.heal();
    } else if (now.seenForks > this.#silentSince.seenForks) {
      const unheard = now.kernelForks - this.#silentSince.kernelForks;
      const heard = now.seenForks - this.#silentSince.seenForks;
      this.#silentSince = undefined;
      this.#feed.healed(Math.max(0, unheard - heard));
    } else if (newer !== this.#askedAt && newer.kernelForks > this.#askedAt.kernelForks) {
      this.#feed.deaf();
    }
  }

  /** After every drain, so that a loss is dated when it shows. */
  drained(): void {
    this.#ringPeak = Math.max(this.#ringPeak, this.#collector.used);
    const f = this.#collector.figures;
    let lost = f[FIGURES.lostKernel]! + f[FIGURES.lostSocket]!;
    for (let kind = 0; kind < 9; kind++) lost += f[FIGURES.shed + kind]!;
    if (lost > this.#lost) this.#lossAt = this.#clock.now();
    this.#lost = lost;
  }

  report(): HealthReport {
    this.#collector.drain();
    this.drained();
    const checks = {
      collector: this.#checkCollector(),
      feed: this.#checkFeed(),
      loss: this.#checkLoss(),
      ring: this.#checkRing(),
      event_loop: this.#checkEventLoop(),
      taskstats: this.#checkTaskstats(),
      exec_names: this.#checkExecNames(),
      web_config: this.webConfig(),
    };
    for (const [name, check] of Object.entries(checks)) this.#logTurn(name, check);
    const is = (status: HealthStatus): boolean =>
      Object.values(checks).some((check) => check.status === status);
    return { status: is('failing') ? 'failing' : is('degraded') ? 'degraded' : 'ok', checks };
  }

  /** For the watchdog: whether the collector thread still passes, looked at now. */
  get alive(): boolean {
    this.#collector.drain();
    return this.collectorUp;
  }

  /** Whether the collector is known to work. */
  get collectorUp(): boolean {
    return this.#checkCollector().status === 'ok';
  }

  #checkCollector(): Check {
    const f = this.#collector.figures;
    if (!this.#collector.running) {
      const errno = f[FIGURES.errno]!;
      const why = errno === 0 ? '' : `: ${getSystemErrorName(-errno)}`;
      return verdict('failing', `the collector thread has ended${why}`);
    }
    // The collector's own clock, whatever clock health is given.
    const age = MONOTONIC.now() - f[FIGURES.lastPass]! / 1e6;
    return age > PASS_MAX_AGE_MS
      ? verdict('failing', `the collector thread has not passed for ${Math.round(age / 1000)} s`)
      : verdict('ok', 'the collector thread runs');
  }

  /** For the start line: true, or why there is none. */
  witnesses(): { readonly execNames: true | string; readonly taskstats: true | string } {
    const say = ({ status, detail }: Check, up: boolean): true | string =>
      up && status === 'ok' ? true : detail;
    return {
      execNames: say(this.#checkExecNames(), this.execNamesUp),
      taskstats: say(this.#checkTaskstats(), this.taskstatsUp),
    };
  }

  get taskstatsUp(): boolean {
    return this.#sources.exitRecords.why === undefined && this.#checkTaskstats().status === 'ok';
  }

  get execNamesUp(): boolean {
    return this.#sources.execNames.why === undefined && this.#checkExecNames().status === 'ok';
  }

  #checkTaskstats(): Check {
    const { why } = this.#sources.exitRecords;
    if (why !== undefined) return without(why);
    return this.#recordsSilent
      ? verdict('degraded', 'tasks end, and no exit record comes')
      : verdict('ok', 'exit records come as tasks end');
  }

  #checkExecNames(): Check {
    const { why } = this.#sources.execNames;
    if (why !== undefined) return without(why);
    if (this.#collector.figures[FIGURES.execNames] === 0) {
      const limits = 'RLIMIT_MEMLOCK, kernel.perf_event_mlock_kb';
      return verdict(
        'degraded',
        `perf's rings cannot be mapped: this user may lock no more memory (${limits})`,
      );
    }
    const cpus = onlineCpus();
    if (cpus !== this.#cpusAtStart) {
      const were = `CPUs ${this.#cpusAtStart} were online at the start, ${cpus} are now`;
      return verdict('degraded', `${were}: execs on others are named by taskstats or /proc`);
    }
    return this.#namesSilent
      ? verdict('degraded', 'programs are executed, and no name comes from perf')
      : verdict('ok', 'names of execs come from perf');
  }

  #checkFeed(): Check {
    if (!this.collectorUp)
      return verdict('degraded', 'nothing is heard without the collector thread');
    return this.#silentSince !== undefined
      ? verdict('failing', 'the kernel creates processes, and no fork event comes')
      : verdict('ok', 'acknowledged by the kernel; fork events come as processes are created');
  }

  #checkLoss(): Check {
    const age = this.#clock.now() - this.#lossAt;
    const errno = this.#collector.figures[FIGURES.probeErrno]!;
    if (errno !== 0) {
      const why = getSystemErrorName(-errno);
      return verdict('degraded', `losses are told by the drop counter alone: no probing (${why})`);
    }
    if (age < LOSS_SHOWN_MS) {
      return verdict('degraded', `events were lost or shed ${Math.round(age / 1000)} s ago`);
    }
    const so = `no loss in the last ${LOSS_SHOWN_MS / 1000} s; ${this.#lost} since the start`;
    const { narrow } = this.#sources;
    return narrow === undefined ? verdict('ok', so) : verdict('degraded', `${so}; ${narrow}`);
  }

  #checkRing(): Check {
    const { slots } = this.#collector;
    const used = Math.max(this.#ringPeak, this.#ringPeakBefore);
    const detail = `at most ${used} of ${slots} slots were used lately`;
    return verdict(used > slots * RING_FULL_SHARE ? 'degraded' : 'ok', detail);
  }

  #checkEventLoop(): Check {
    const detail = `${Math.round(this.#busyShare * 100)} % busy in the last full ${SAMPLE_INTERVAL_MS / 1000} s`;
    return verdict(this.#busyShare > BUSY_SHARE ? 'degraded' : 'ok', detail);
  }

  /** One line when a check begins to fail, and one when it no longer does. */
  #logTurn(name: string, { status, detail }: Check): void {
    if (status === 'failing' && !this.#failing.has(name)) {
      this.#failing.add(name);
      this.#log.error({ check: name }, detail);
    } else if (status !== 'failing' && this.#failing.delete(name)) {
      this.#log.info({ check: name }, detail);
    }
  }

  #take(): Sample {
    const f = this.#collector.figures;
    const seenForks = f[FIGURES.events]! + f[FIGURES.lostKernel]! + f[FIGURES.lostSocket]!;
    const { execs, named, exits, recorded } = this.#attribution.seen;
    const seen = { execs, named, exits, recorded };
    return { kernelForks: this.#readForks(), seenForks, seen };
  }
}

function verdict(status: HealthStatus, detail: string): Check {
  return { status, detail };
}

/** A witness that was not opened: by choice, or for a reason that an operator should see. */
function without(why: string): Check {
  return verdict(why.startsWith('off by') ? 'ok' : 'degraded', why);
}

function onlineCpus(): string {
  try {
    return readFileSync('/sys/devices/system/cpu/online', 'latin1').trim();
  } catch {
    return 'unknown';
  }
}
