#!/usr/bin/env node
// The command. In: arguments and environment. Out: a daemon until a signal ends it, or one line and exit code 1.
import { closeSync, openSync } from 'node:fs';
import type { Daemon } from './daemon/daemon.ts';
import { ExporterError, oneLine } from './errors.ts';

/** Node opens our files side by side as it loads them: 20 had to be free. It serves with fewer, but few clients then. */
const LEAST_DESCRIPTORS = 32;

function end(error: unknown): never {
  process.stderr.write(`${oneLine(error)}\n`);
  process.exit(1);
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

/** Without enough of them Node cannot find its modules, and says just that. */
function checkDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < LEAST_DESCRIPTORS) opened.push(openSync('/dev/null', 'r'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `only ${opened.length} more files may be open, ${LEAST_DESCRIPTORS} are needed (${code})`;
    throw new ExporterError('PROCEVENTS_OPEN_FILES', message, { cause: error });
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

async function main(): Promise<void> {
  checkPlatform();
  checkDescriptors();
  // Loaded after the checks, which then have the word.
  const { parseCommandLine } = await import('./config/command-line.ts');
  const { VERSION } = await import('./daemon/version.ts');
  const { command, config } = parseCommandLine(process.argv.slice(2), process.env);
  if (command === 'help') {
    const { helpText } = await import('./config/help.ts');
    process.stdout.write(helpText());
    return;
  }
  if (command === 'version') {
    process.stdout.write(`procevents-exporter ${VERSION}\n`);
    return;
  }

  const { startDaemon } = await import('./daemon/daemon.ts');
  const { makeLog } = await import('./daemon/log.ts');
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
