// Configuration: the answer to --config.check. In: flags as they will be used, and the files that they name. Out: lines
// that can be compared with diff, or an ExporterError. Opens no socket and needs no privilege.
import { accessSync, constants, readFileSync, readdirSync, statSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { ExporterError, quoted } from '../errors.ts';
import type { Setting } from './command-line.ts';
import type { Config } from './config.ts';
import { boolean } from './values.ts';

/** Reads the web configuration as the daemon does. Resolves to what to print of it, without secrets; rejects with an ExporterError. */
export type CheckWebConfig = (path: string) => Promise<string>;

export interface Checked {
  readonly config: Config;
  readonly settings: readonly Setting[];
  readonly checkWebConfig: CheckWebConfig;
  /** Becomes the user that the daemon becomes before it reads what users name. Throws an ExporterError when it cannot. */
  readonly become: () => void;
}

// A passwd of a million users is 60 MB.
const PASSWD_BYTES = 64 * 1024 * 1024;
/** The kernel's own number for a user that is nobody's (overflowuid). */
const NOBODY = '65534';
const USUAL_USER = 'procevents';

/** Settings first, then files: each on a line of its own, with its origin or its state before it. */
export async function checkConfig({
  config,
  settings,
  checkWebConfig,
  become,
}: Checked): Promise<readonly string[]> {
  checkProcfs(config.procfs);
  const lines = [line('ok', `--path.procfs: ${shellWord(config.procfs)} is readable`)];
  const passwd = config.passwd === undefined ? '' : readPasswd(config.passwd, lines);
  lines.push(line('ok', `--user: ${userText(config.user, passwd)}`));
  become();
  if (config.webConfigFile !== undefined) {
    lines.push(line('ok', `--web.config.file: ${await checkWebConfig(config.webConfigFile)}`));
  }
  return [...settings.flatMap(settingLines), ...lines];
}

// As wide as `environment`, so that what follows stands in one column whatever the values are.
function line(origin: string, text: string): string {
  return `${origin.padEnd(11)}  ${text}`;
}

function settingLines({ flag, texts, origin }: Setting): readonly string[] {
  if (flag.type === 'switch') {
    // The word itself: what the flag reads is the other way round where a switch turns something off.
    const [word = ''] = texts;
    return [line(origin, boolean(word) ? `--${flag.name}` : `--no-${flag.name}`)];
  }
  return texts.map((text) => line(origin, `--${flag.name}=${shellWord(text)}`));
}

/** As one would type it: bare, within quotes, or, with control characters, within $''. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]*$/.test(text)) return text;
  if (!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text.replaceAll(/[\\']/g, String.raw`\$&`);
  return `$'${escaped.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, bytesOf)}'`;
}

function bytesOf(character: string): string {
  const bytes = [...Buffer.from(character)];
  return bytes.map((byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function checkProcfs(path: string): void {
  try {
    readdirSync(path);
    accessSync(`${path}/stat`, constants.R_OK);
  } catch (error) {
    const what = `--path.procfs ${quoted(path)} is no procfs that can be read`;
    throw new ExporterError('PROCEVENTS_PROCFS', `${what} (${nameOf(error)})`);
  }
}

/** Without it the daemon runs all the same, and knows no names of users. */
function readPasswd(path: string, lines: string[]): string {
  const why = reasonNotReadable(path);
  const shown = `--path.passwd: ${shellWord(path)}`;
  if (why !== undefined) {
    lines.push(line('degraded', `${shown} ${why}: no user will have a name`));
    return '';
  }
  const text = readFileSync(path, 'latin1');
  const users = text.split('\n').filter((entry) => /^[^:#]+:[^:]*:\d+:/.test(entry)).length;
  lines.push(line('ok', `${shown} has ${users} users`));
  return text;
}

/** A pipe or a device would be read for ever; undefined when it is a file that may be read. */
function reasonNotReadable(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return 'is not a file';
    if (stat.size > PASSWD_BYTES) return `is larger than ${PASSWD_BYTES} bytes`;
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return `cannot be read (${nameOf(error)})`;
  }
}

function nameOf(error: unknown): string {
  const { errno } = (error ?? {}) as NodeJS.ErrnoException;
  return errno === undefined ? 'unknown' : getSystemErrorName(errno);
}

function userText(user: string | undefined, passwd: string): string {
  if (user === undefined) {
    const uid = uidOf(USUAL_USER, passwd);
    return uid === undefined
      ? `root becomes ${NOBODY}, for there is no ${USUAL_USER}`
      : `root becomes ${USUAL_USER} (${uid})`;
  }
  if (user === 'root') return 'root stays root';
  if (/^\d+$/.test(user)) return `root becomes ${Number(user)}`;
  const uid = uidOf(user, passwd);
  if (uid === undefined) {
    throw new ExporterError('PROCEVENTS_USER', `there is no user ${quoted(user)}`);
  }
  return `root becomes ${user} (${uid})`;
}

function uidOf(user: string, passwd: string): string | undefined {
  const entry = passwd.split('\n').find((one) => one.startsWith(`${user}:`));
  return /^[^:]+:[^:]*:(\d+):/.exec(entry ?? '')?.[1];
}
