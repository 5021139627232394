// Web file: is this password right? In: an Authorization header and the users. Out: yes, no, or that too many wait.
import { createHmac, randomBytes } from 'node:crypto';
import { verify } from '@node-rs/bcrypt';
import type { WebSettings } from './settings.ts';

export type Verdict = 'yes' | 'no' | 'busy';

// The toolkit's number, for each outcome: guesses of a stranger never push out what a scraper has proven.
const REMEMBERED = 100;
// At cost 10 a verification takes 0.1 s: whoever is further back would have been given up by its scraper.
const LONGEST_QUEUE = 64;
// Bytes. bcrypt looks at 72; the head of a request ends at 16 KiB anyway.
const LONGEST_CREDENTIALS = 4096;
// What follows the cost in a hash of 32 random bytes that nobody has kept.
const NOBODY = 'aHpVnL1piW8CeW7hFClbQeICRlvs8pd2pMWGtsqvJRMaC22ivAo2W';

/**
 * One verification at a time: each holds one of libuv's four threads, and one core, for its whole time.
 * Owned by the WebConfig; results outlive a reload, as the hash is part of what they are remembered by.
 */
export class Passwords {
  readonly #secret = randomBytes(32);
  readonly #right = new Set<string>();
  readonly #wrong = new Set<string>();
  readonly #underWay = new Map<string, Promise<Verdict>>();
  #last: Promise<unknown> = Promise.resolve();

  check(header: string | undefined, users: WebSettings['users']): Verdict | Promise<Verdict> {
    const credentials = parse(header);
    if (credentials === undefined) return 'no';
    const { name, password } = credentials;
    const known = users.get(name);
    const hash = known ?? this.#nobody(name, users);
    const key = this.#keyed(name, hash, password);
    if (this.#right.has(key)) return 'yes';
    if (this.#wrong.has(key)) return 'no';
    const same = this.#underWay.get(key);
    if (same !== undefined) return same;
    if (this.#underWay.size >= LONGEST_QUEUE) return 'busy';
    const verdict = this.#last
      .then(async (): Promise<Verdict> => {
        const right = (await verify(password, hash)) && known !== undefined;
        remember(right ? this.#right : this.#wrong, key);
        return right ? 'yes' : 'no';
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, verdict);
    this.#last = verdict.catch(() => {});
    return verdict;
  }

  /** An unknown user costs what one of the known ones would, and always the same one. */
  #nobody(name: string, users: WebSettings['users']): string {
    const hashes = [...users.values()];
    const at = Buffer.from(this.#keyed(name), 'hex').readUInt32BE() % hashes.length;
    return `${(hashes[at] ?? '').slice(0, '$2b$10$'.length)}${NOBODY}`;
  }

  #keyed(...parts: readonly (string | Buffer)[]): string {
    const hmac = createHmac('sha256', this.#secret);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)} `).update(part);
    return hmac.digest('hex');
  }
}

/** The oldest goes. */
function remember(set: Set<string>, key: string): void {
  for (const oldest of set) {
    if (set.size < REMEMBERED) break;
    set.delete(oldest);
  }
  set.add(key);
}

function parse(
  header: string | undefined,
): { readonly name: string; readonly password: Buffer } | undefined {
  if (header === undefined || header.length > LONGEST_CREDENTIALS) return undefined;
  const [, base64] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0) return undefined;
  return { name: bytes.toString('utf8', 0, colon), password: bytes.subarray(colon + 1) };
}
