// Web file: reads it and what it names. In: a path. Out: text of bounded length, and a stamp that tells when it changes.
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { ExporterError, quoted } from '../errors.ts';

/** Bytes. A thousand users are 100 kB, all public CAs together 230 kB; it is read again at each change. */
export const LARGEST_FILE = 1_048_576;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'too many symbolic links',
};

export async function readBounded(o: {
  readonly path: string;
  /** Begins the error's line: the flag, or the file and key, that name this file. */
  readonly what: string;
  /** Takes the stamp of this path, whether it can be read or not. */
  readonly stamps: Map<string, string>;
}): Promise<string> {
  const { path, what, stamps } = o;
  stamps.set(path, (await look(path)).stamp);
  try {
    // Without O_NONBLOCK a FIFO would wait for its writer for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const before = await file.stat({ bigint: true });
      if (before.isDirectory()) throw unreadable(path, what, 'is a directory');
      if (!before.isFile()) throw unreadable(path, what, 'is no regular file');
      const buffer = Buffer.alloc(Math.min(Number(before.size), LARGEST_FILE) + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > LARGEST_FILE || before.size > LARGEST_FILE) {
        throw unreadable(path, what, `is larger than ${LARGEST_FILE} bytes`);
      }
      // Half a file may be good YAML without its passwords.
      const after = await file.stat({ bigint: true });
      if (stampOf(before) !== stampOf(after)) throw unreadable(path, what, 'is being written');
      return buffer.toString('utf8', 0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ExporterError) throw error;
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    throw unreadable(path, what, `cannot be read: ${REASONS[code] ?? code}`, error);
  }
}

function unreadable(path: string, what: string, why: string, cause?: unknown): ExporterError {
  const message = `${what} ${quoted(path)} ${why}`;
  return new ExporterError('PROCEVENTS_WEB_CONFIG_FILE', message, { cause });
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** A rename over it changes the inode, a write the times; ctime cannot be set back. */
function stampOf(s: Identity): string {
  return [s.dev, s.ino, s.size, s.mtimeNs, s.ctimeNs].join(' ');
}

/** The stamp of a file; for what is not there, the reason. */
export async function look(
  path: string,
): Promise<{ readonly stamp: string; /** ms since it was written. */ readonly age: number }> {
  try {
    const s = await stat(path, { bigint: true });
    return { stamp: stampOf(s), age: Date.now() - Number(s.mtimeNs / 1_000_000n) };
  } catch (error) {
    return { stamp: (error as NodeJS.ErrnoException).code ?? 'unknown', age: Infinity };
  }
}
