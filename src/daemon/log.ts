// Daemon: the log. JSON lines to stdout, or readable ones with --log.format=pretty.
import { writeSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import type { LogFormat, LogLevel } from '../config/config.ts';

export type { Logger };

export async function makeLog(o: {
  readonly level: LogLevel;
  readonly format: LogFormat;
}): Promise<Logger> {
  // Synchronous: a line that tells of the end is out before the end.
  const destination = pino.destination({ fd: 1, sync: true });
  // Nobody reads any more, or the disk is full: the daemon goes on, and says so once.
  destination.once('error', (error: NodeJS.ErrnoException) => {
    destination.on('error', () => {});
    try {
      const why = error.code ?? error.message;
      writeSync(2, `procevents-exporter: cannot write the log: ${why}. It goes on without.\n`);
    } catch {
      // Nobody reads that either.
    }
  });
  const options = { level: o.level, base: null };
  if (o.format === 'json') return pino(options, destination);
  // Loaded when it is wanted: it takes 2 MB that a daemon would carry for nothing.
  const { PinoPretty } = await import('pino-pretty');
  return pino(options, PinoPretty({ sync: true, destination }));
}

/** An error of one kind is logged at most this often, so that a broken client cannot fill a disk. */
const REPEAT_AFTER_MS = 60_000;

/** Logs the first error of each message, and then one a minute. Messages are a small fixed set: details go into fields. */
export function rarely(log: Logger): { error(fields: object, message: string): void } {
  const last = new Map<string, number>();
  return {
    error(fields, message) {
      const now = performance.now();
      if (now - (last.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return;
      last.set(message, now);
      log.error(fields, message);
    },
  };
}
