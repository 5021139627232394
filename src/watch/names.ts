// Watch: names of users, as they may stand on a terminal. Uids in; printable text out.
import { UNKNOWN_TEXT, bytesText } from '../aggregator/comm-text.ts';
import { ExporterError, quoted } from '../errors.ts';
import { UserNames } from '../users/user-names.ts';
import { uidOf } from '../users/user.ts';

/** Users whose name is remembered: as many as run something at once, and more. */
const NAMES_MAX = 4096;

export class Names {
  readonly #users: UserNames;
  readonly #texts = new Map<number, string | undefined>();

  constructor(passwd: string | undefined) {
    this.#users = new UserNames(passwd);
    this.#users.of([]);
  }

  /** Now and then: the file may have changed. */
  refresh(): void {
    this.#users.of([]);
    this.#texts.clear();
  }

  /** undefined: it has none. */
  name(uid: number): string | undefined {
    if (this.#texts.has(uid)) return this.#texts.get(uid);
    const name = this.#users.name(uid);
    const text = name === undefined ? undefined : bytesText(Buffer.from(name));
    if (this.#texts.size >= NAMES_MAX) this.#texts.clear();
    this.#texts.set(uid, text);
    return text;
  }

  /** Always something. */
  text(uid: number | undefined): string {
    return uid === undefined ? UNKNOWN_TEXT : (this.name(uid) ?? String(uid));
  }
}

/** What --uid says, as uids. Throws an ExporterError for a name that nobody has. */
export function uidsOf(users: readonly string[], passwd: string | undefined): number[] {
  return users.map((user) => {
    const uid = uidOf(user, passwd);
    if (uid !== undefined) return uid;
    throw new ExporterError('PROCEVENTS_USER', `--uid: there is no user ${quoted(user)}`, {
      remedy: 'Give --uid a name of --path.passwd, or a uid.',
    });
  });
}
