// HTTP: what the limit on open files leaves for connections. In: how many are wanted. Out: how many there may be.
import { readFileSync, readdirSync } from 'node:fs';
import { ExporterError } from '../errors.ts';

/** For a file of /proc or of the web file, a folder, and the connection that is one too many. */
const SPARE_DESCRIPTORS = 3;

/**
 * For each server. Beyond the limit on open files libuv closes what it accepts and tells nobody, and a scrape could open no
 * file.
 */
export function connectionsFor(servers: number, wanted: number): number {
  const left = descriptorsLeft();
  const most = Math.min(wanted, Math.floor((left - SPARE_DESCRIPTORS) / servers));
  if (most >= 1) return most;
  throw new ExporterError(
    'PROCEVENTS_LISTEN_FAILED',
    `cannot serve: ${left} descriptors are left`,
    { remedy: 'Raise the limit on open files (LimitNOFILE).' },
  );
}

function descriptorsLeft(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    // "unlimited" is a number, too: fs.nr_open.
    const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    return soft - readdirSync('/proc/self/fd').length;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EMFILE' ? 0 : Number.POSITIVE_INFINITY;
  }
}
