#!/usr/bin/env node
// The command. In: arguments and environment. Out: a daemon until a signal ends it, or one line and exit code 1.
import { createRequire } from 'node:module';
import { checkConfig } from './config/check.ts';
import { parseCommandLine } from './config/command-line.ts';
import { helpText } from './config/help.ts';
import type { Daemon } from './daemon/daemon.ts';
import { VERSION } from './daemon/version.ts';
import { ExporterError, oneLine } from './errors.ts';

/**
 * All that would end a process, and can be heard: the terminal must be given back. Left out are those of faults (SIGSEGV and
 * the like), after which no JavaScript runs, the real-time ones, which Node has no names for, and SIGPROF, V8's profiler's.
 */
const STOPS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGALRM',
  'SIGVTALRM',
  'SIGUSR2',
  'SIGXCPU',
  'SIGIO',
  'SIGPWR',
  'SIGSTKFLT',
  'SIGSYS',
  'SIGABRT',
] as const;

function end(error: unknown): never {
  process.stderr.write(`${oneLine(error)}\n`);
  process.exit(1);
}

/** Resolves when it is written. A reader that has gone has what it wanted; a disk that is full is an error. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: NodeJS.ErrnoException | null): void => {
      const code = error?.code;
      if (code === undefined || code === 'EPIPE') resolve();
      else reject(new ExporterError('PROCEVENTS_OUTPUT', `cannot write its output (${code})`));
    };
    process.stdout.on('error', settle);
    process.stdout.write(text, settle);
  });
}

/**
 * The code of one command. Other than import(), require opens one file after the other: of a small RLIMIT_NOFILE Node
 * leaves a dozen descriptors, and import() takes one for each file of the graph. Node 22 can require such files from
 * 22.12 on, silently from 22.13 on.
 */
async function load<T>(file: string, otherwise: () => Promise<T>): Promise<T> {
  try {
    const { require_module: canRequire } = process.features;
    return canRequire ? (createRequire(import.meta.url)(file) as T) : await otherwise();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ExporterError('PROCEVENTS_MODULES', `cannot load its own code (${code})`, {
      cause: error,
    });
  }
}

function checkPlatform(): void {
  if (process.platform !== 'linux') {
    throw new ExporterError('PROCEVENTS_PLATFORM', `${process.platform} has no process events`);
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new ExporterError('PROCEVENTS_NODE_VERSION', `Node ${process.version} is too old`);
  }
}

async function main(): Promise<void> {
  checkPlatform();
  const line = parseCommandLine(process.argv.slice(2), process.env);
  if (line.command === 'help' || line.command === 'version') {
    return print(line.command === 'help' ? helpText() : `procevents-exporter ${VERSION}\n`);
  }
  const { config, settings } = line;
  if (config.configCheck) {
    // Loaded here: what becomes another user may not be able to read its own code.
    const summary = await load('./web-config/summary.js', () => import('./web-config/summary.ts'));
    const { readAsUser } = await load('./users/user.js', () => import('./users/user.ts'));
    const lines = await checkConfig({
      config,
      settings,
      checkWebConfig: async (path) => summary.webConfigText(await summary.checkWebConfig(path)),
      become: () => readAsUser({ wanted: config.user, passwd: config.passwd }),
    });
    return print(`${lines.join('\n')}\n`);
  }

  if (line.command === 'doctor') {
    // Through exit, so that the collector's own end says IGNORE.
    const leave = (): never => process.exit(1);
    process.once('SIGTERM', leave).once('SIGINT', leave);
    const { examine } = await load('./doctor/doctor.js', () => import('./doctor/doctor.ts'));
    const report = await load('./doctor/report.js', () => import('./doctor/report.ts'));
    const checks = await examine(config);
    process.exitCode = report.eventsFlow(checks) ? 0 : 1;
    return print(line.options.json ? report.jsonReport(checks) : report.textReport(checks));
  }

  if (line.command === 'watch') {
    const { watch } = await load('./watch/watch.js', () => import('./watch/watch.ts'));
    const hurry = new AbortController();
    const stop = (): void => (hurry.signal.aborted ? process.exit(1) : hurry.abort());
    for (const signal of STOPS) process.on(signal, stop);
    // Node would open its debugger, to which everybody on this host may connect.
    process.on('SIGUSR1', () => {});
    process.on('uncaughtException', end);
    const { options } = line;
    const { hungUp } = await watch({
      config,
      options,
      environment: process.env,
      hurry: hurry.signal,
    });
    // What still waits is nobody's: a terminal, or a pipe whose reader sleeps.
    if (!hungUp) process.exit(0);
    // Node would ask the terminal for its modes at the end, and crash. So it ends as others do that nobody heard.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
    return;
  }

  const { startDaemon } = await load('./daemon/daemon.js', () => import('./daemon/daemon.ts'));
  const { makeLog } = await load('./daemon/log.js', () => import('./daemon/log.ts'));
  const log = await makeLog({ level: config.logLevel, format: config.logFormat });
  let daemon: Daemon | undefined;
  let ending = false;
  const stop = (signal: NodeJS.Signals): void => {
    // A second signal, or one before there is anything to finish: at once.
    if (ending || daemon === undefined) process.exit(ending ? 1 : 0);
    ending = true;
    log.info({ signal }, 'stopping');
    daemon.stop().then(() => process.exit(0), end);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Node would open its debugger, to which everybody on this host may connect.
  process.on('SIGUSR1', () => {});
  // Also before there is anything to reload: without a listener it would end us.
  process.on('SIGHUP', () => void daemon?.reload());
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'defect');
    process.exit(1);
  });
  daemon = await startDaemon({ config, log, fatal: end });
}

main().catch(end);
