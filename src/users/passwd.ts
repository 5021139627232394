// Users: the passwd file. A path in; its text, or why there is none, out. Never waits, whatever the path names.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes read: 100,000 users of a directory that is copied into the file. What is beyond has no names. */
const LONGEST = 8 * 1024 * 1024;

export type PasswdText =
  { readonly text: string; readonly why?: never } | { readonly text?: never; readonly why: string };

export function readPasswd(file: string): PasswdText {
  try {
    // A pipe that nobody writes would hold the start for ever.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return { why: 'is not a file' };
      const buffer = Buffer.alloc(Math.min(stat.size, LONGEST));
      const count = readSync(fd, buffer, 0, buffer.length, 0);
      return { text: buffer.toString('utf8', 0, count) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { why: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
