// Users: as whom it runs. In: --user, the passwd file and who we are. Out: the user to become, or none.
import { readFileSync } from 'node:fs';
import { ExporterError, quoted } from '../errors.ts';

/** What a package makes for us. */
const OUR_USER = 'procevents';
/** Where there is none: the kernel's overflow id, nobody. */
const NOBODY = 65_534;
/** The last number is nobody's: (uid_t)-1 says "leave it" to the kernel. */
const LAST_ID = 4_294_967_294;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * undefined: stay who we are. `uids` are ours of every kind: one of them 0 makes us root. Throws an ExporterError for a
 * user that is not known, or that we cannot become.
 */
export function userToBecome(o: {
  readonly wanted: string | undefined;
  readonly passwd: string | undefined;
  readonly uids: readonly number[];
}): User | undefined {
  const { wanted, uids } = o;
  const root = uids.includes(0);
  if (wanted === undefined) {
    if (!root) return undefined;
    const ours = find(OUR_USER, o.passwd);
    return ours === undefined || ours.uid === 0 ? { uid: NOBODY, gid: NOBODY } : ours;
  }
  const user = wanted === 'root' ? { uid: 0, gid: 0 } : known(wanted, o.passwd);
  if (!root) {
    if (uids.every((uid) => uid === user.uid)) return undefined;
    throw new ExporterError(
      'PROCEVENTS_USER',
      `--user: cannot become ${quoted(wanted)}: not started as root, but with uid ${uids[0]}`,
    );
  }
  if (wanted === 'root') return undefined;
  if (user.uid !== 0) return user;
  throw new ExporterError('PROCEVENTS_USER', `--user: ${quoted(wanted)} is root by another name`, {
    remedy: 'Write --user=root to stay root, or leave it out.',
  });
}

function known(wanted: string, passwd: string | undefined): User {
  const found = find(wanted, passwd);
  if (found !== undefined) return found;
  // A number needs no entry.
  if (/^\d+$/.test(wanted)) return { uid: Number(wanted), gid: Number(wanted) };
  const where =
    passwd === undefined ? 'without --path.passwd no name is known' : `not in ${passwd}`;
  throw new ExporterError('PROCEVENTS_USER', `--user: unknown user ${quoted(wanted)}: ${where}`);
}

/** The first entry of a name, or of a uid. No NSS: that would load whatever the host has configured. */
function find(wanted: string, passwd: string | undefined): User | undefined {
  if (passwd === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(passwd, 'latin1');
  } catch {
    return undefined;
  }
  for (const line of text.split('\n')) {
    const [name, , uid = '', gid = ''] = line.split(':');
    if ((name !== wanted && uid !== wanted) || !isId(uid) || !isId(gid)) continue;
    return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= LAST_ID;
}
