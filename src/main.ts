#!/usr/bin/env node
// The command. In: arguments and environment. Out: a daemon until a signal ends it, or one line and exit code 1.
import { parseCommandLine } from './config/command-line.ts';
import { helpText } from './config/help.ts';
import { startDaemon, type Daemon } from './daemon/daemon.ts';
import { makeLog } from './daemon/log.ts';
import { VERSION } from './daemon/version.ts';
import { ExporterError, oneLine } from './errors.ts';

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

async function main(): Promise<void> {
  checkPlatform();
  const { command, config } = parseCommandLine(process.argv.slice(2), process.env);
  if (command === 'help') {
    process.stdout.write(helpText());
    return;
  }
  if (command === 'version') {
    process.stdout.write(`procevents-exporter ${VERSION}\n`);
    return;
  }

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
  // Also before there is anything to reload: without a listener it would end us.
  process.on('SIGHUP', () => void daemon?.reload());
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'defect');
    process.exit(1);
  });
  daemon = await startDaemon({ config, log, fatal: end });
}

main().catch(end);
