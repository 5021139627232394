// Doctor: whether this process is in the namespaces of the host itself. In: /proc/self/ns, /proc/1/ns. Out: checks.
import { degraded, failing, ok, type Check } from './check.ts';
import { OWN_PROC, readLink, readText } from './files.ts';
import { isAtLeast } from './kernel.ts';

const KINDS = ['user', 'pid', 'net'] as const;
type Kind = (typeof KINDS)[number];

/** enum init_ns_ino of linux/nsfs.h. That of net is fixed only from Linux 6.18 on; before, it is the next one free. */
const INITIAL: Readonly<Record<Kind, number>> = {
  user: 4_026_531_837,
  pid: 4_026_531_836,
  net: 4_026_531_833,
};
const NET_FIXED_SINCE = [6, 18] as const;
/** The whole of uid_map in the init user namespace: every uid is itself. */
const WHOLE_UID_MAP = /^\s*0\s+0\s+4294967295\s*$/;

export interface Namespaces {
  /** Numbers of inodes; undefined where they cannot be read. */
  readonly own: Readonly<Record<Kind, number | undefined>>;
  /** Of what is pid 1 in sight; needs privilege. */
  readonly first: Readonly<Record<Kind, number | undefined>>;
  readonly uidMap: string | undefined;
}

/** What the connector has to say about them. */
export interface Told {
  /** Its ack comes only in the init namespaces. */
  readonly acked: boolean;
  /** Its kernel side is in the init network namespace alone. */
  readonly refused: boolean;
}

export function readNamespaces(): Namespaces {
  return {
    own: inodesOf(OWN_PROC),
    first: inodesOf('/proc/1'),
    uidMap: readText(`${OWN_PROC}/uid_map`),
  };
}

function inodesOf(folder: string): Record<Kind, number | undefined> {
  const inode = (kind: Kind): number | undefined => {
    const found = /^\w+:\[(\d+)\]$/.exec(readLink(`${folder}/ns/${kind}`) ?? '')?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return { user: inode('user'), pid: inode('pid'), net: inode('net') };
}

const REMEDIES: Readonly<Record<Kind, string>> = {
  user: "Run it in the host's user namespace: no PrivateUsers in systemd, no rootless container, hostUsers in Kubernetes.",
  pid: "Run it in the host's pid namespace: in a container --pid host, in Kubernetes hostPID.",
  net: "Run it in the host's network namespace: no PrivateNetwork in systemd, in a container --network host, in Kubernetes hostNetwork.",
};

/** True and false are known; undefined cannot be told from here. */
export function isInitial(
  kind: Kind,
  { own, first, uidMap }: Namespaces,
  release: string,
): boolean | undefined {
  const inode = own[kind];
  if (inode === INITIAL[kind]) return true;
  if (kind === 'user' && inode === undefined) {
    // A map that is not whole is proof; a whole one may be a copy.
    return uidMap === undefined || WHOLE_UID_MAP.test(uidMap) ? undefined : false;
  }
  if (inode === undefined) return undefined;
  if (kind !== 'net' || isAtLeast(release, ...NET_FIXED_SINCE)) return false;
  // Pid 1 of another pid namespace is as far from the host as we are.
  if (own.pid !== INITIAL.pid || first.net === undefined) return undefined;
  return first.net === inode;
}

export function judgeNamespaces(
  namespaces: Namespaces,
  release: string,
  { acked, refused }: Told,
): readonly Check[] {
  return KINDS.map((kind) => {
    const name = `${kind}_namespace`;
    const inode = namespaces.own[kind];
    const shown = inode === undefined ? '' : ` (${inode})`;
    if (acked) return ok(name, `the host's${shown}`);
    const initial = kind === 'net' && refused ? false : isInitial(kind, namespaces, release);
    if (initial === true) return ok(name, `the host's${shown}`);
    if (initial === false) return failing(name, `not the host's${shown}`, REMEDIES[kind]);
    return degraded(name, `cannot be told whether it is the host's${shown}`, REMEDIES[kind]);
  });
}
