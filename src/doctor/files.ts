// Doctor: small files of the kernel. In: paths. Out: text, or undefined where there is none for us.
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';

/** What describes this process, whatever procfs the daemon is pointed at. */
export const OWN_PROC = '/proc/self';

// A kernel's configuration has 300 kB; a table of mounts or sockets is made by the kernel, line by line.
const MOST_BYTES = 16 * 1024 * 1024;

export function readBytes(path: string): Buffer | undefined {
  try {
    // Files of procfs have no size; a pipe or a device would be read for ever.
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MOST_BYTES) return undefined;
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

export function readText(path: string): string | undefined {
  return readBytes(path)?.toString('utf8');
}

export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The number behind a name, as /proc/self/status and /proc/meminfo have them (`VmSize:\t  1234 kB`). */
export function fieldOf(text: string | undefined, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}
