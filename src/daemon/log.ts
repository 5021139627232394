// Daemon: the log. JSON lines to stdout, or readable ones with --log.format=pretty.
import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { LogFormat, LogLevel } from '../config/config.ts';

export type { Logger };

export function makeLog(o: { readonly level: LogLevel; readonly format: LogFormat }): Logger {
  // Synchronous: a line that tells of the end is out before the end.
  const destination = pino.destination({ fd: 1, sync: true });
  // Nobody reads any more, or the disk is full: the daemon goes on.
  destination.on('error', () => {});
  const stream = o.format === 'pretty' ? PinoPretty({ sync: true, destination }) : destination;
  return pino({ level: o.level, base: null }, stream);
}
