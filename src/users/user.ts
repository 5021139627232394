// Users: as whom it runs. In: --user, the passwd file and who we are. Out: the user to become, or none.
import { ExporterError, quoted } from '../errors.ts';
import { readPasswd, type PasswdText } from './passwd.ts';

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
  const passwd = o.passwd === undefined ? undefined : readPasswd(o.passwd);
  const root = uids.includes(0);
  if (wanted === undefined) {
    if (!root) return undefined;
    const ours = find(OUR_USER, passwd?.text);
    return ours === undefined || ours.uid === 0 ? { uid: NOBODY, gid: NOBODY } : ours;
  }
  const user = wanted === 'root' ? { uid: 0, gid: 0 } : known(wanted, o.passwd, passwd);
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

/** `path`: of the passwd file. undefined: there is no such user. */
export function uidOf(wanted: string, path: string | undefined): number | undefined {
  const text = path === undefined ? undefined : readPasswd(path).text;
  // A number needs no entry.
  return find(wanted, text)?.uid ?? (/^\d+$/.test(wanted) ? Number(wanted) : undefined);
}

/**
 * Reads files from here on as the daemon would, with nothing but its user changed: for --config.check, which ends soon.
 * Throws an ExporterError.
 */
export function readAsUser(o: {
  readonly wanted: string | undefined;
  readonly passwd: string | undefined;
}): void {
  const { setgroups, setgid, setuid, getuid, geteuid } = process;
  const user = userToBecome({ ...o, uids: [getuid?.() ?? 0, geteuid?.() ?? 0] });
  if (user === undefined) return;
  try {
    setgroups?.([]);
    setgid?.(user.gid);
    setuid?.(user.uid);
  } catch (error) {
    throw new ExporterError('PROCEVENTS_USER_CHANGE', 'cannot become another user', {
      cause: error,
    });
  }
}

function known(wanted: string, path: string | undefined, passwd: PasswdText | undefined): User {
  const found = find(wanted, passwd?.text);
  if (found !== undefined) return found;
  // A number needs no entry.
  if (/^\d+$/.test(wanted)) return { uid: Number(wanted), gid: Number(wanted) };
  let where = 'without --path.passwd no name is known';
  if (passwd !== undefined) where = `${passwd.why === undefined ? 'not in ' : ''}${path}`;
  if (passwd?.why !== undefined) where += ` ${passwd.why}`;
  throw new ExporterError('PROCEVENTS_USER', `--user: unknown user ${quoted(wanted)}: ${where}`);
}

/** The first entry of a name, or of a uid. No NSS: that would load whatever the host has configured. */
function find(wanted: string, text: string | undefined): User | undefined {
  if (text === undefined) return undefined;
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
