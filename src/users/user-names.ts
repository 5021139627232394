// Users: names of users. The passwd file and uids in; the names of those that are in it out. No NSS: no daemon is asked,
// and nothing waits for a directory service.
import { statSync, type Stats } from 'node:fs';
import { readPasswd } from './passwd.ts';

/** useradd takes 32 bytes, directories up to 256; a line that is longer is no user's. */
const LONGEST_NAME = 256;
const LAST_UID = 4_294_967_294;

export interface NamedUser {
  readonly uid: number;
  readonly user: string;
}

export class UserNames {
  readonly #file: string | undefined;
  #seen = '';
  #names: ReadonlyMap<number, string> = new Map();

  /** `file`: none if undefined. It may be absent, and may come later. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Of those uids that have a name. Looks whether the file has changed: a few µs, and a millisecond if it has. */
  of(uids: Iterable<number>): NamedUser[] {
    this.#refresh();
    const users: NamedUser[] = [];
    for (const uid of uids) {
      const user = this.#names.get(uid);
      if (user !== undefined) users.push({ uid, user });
    }
    return users;
  }

  /** As last read. */
  name(uid: number): string | undefined {
    return this.#names.get(uid);
  }

  #refresh(): void {
    if (this.#file === undefined) return;
    const there = look(this.#file);
    const seen = there?.isFile() !== true ? '' : mark(there);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#names = seen === '' ? new Map() : parsePasswd(readPasswd(this.#file).text ?? '');
  }
}

/** passwd(5). The first line of a uid counts, as for getpwuid. */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [user = '', , digits = ''] = line.split(':', 3);
    const uid = /^\d{1,10}$/.test(digits) ? Number(digits) : Infinity;
    const fits = user !== '' && user.length <= LONGEST_NAME && !/\p{Cc}/u.test(user);
    if (fits && uid <= LAST_UID && !names.has(uid)) names.set(uid, user);
  }
  return names;
}

/** Not there, or in a folder that the user whom we have become may not enter: nobody has a name. */
function look(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

function mark({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join();
}
