// Doctor: whether this process is in the namespaces of the host itself. In: /proc/self, the connector's answer. Out:
// checks.
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
  readonly uidMap: string | undefined;
  /** Whether the kernel's side of the connector is in sight, as in the init network namespace alone. */
  readonly kernelIsHere: boolean | undefined;
}

/** What the connector has to say about them. */
export interface Told {
  /** Its ack comes only in the init namespaces. */
  readonly acked: boolean;
  /** Whether a request reached the kernel's side, which is in the init network namespace alone; if there was one. */
  readonly reached: boolean | undefined;
}

export function readNamespaces(here: boolean | undefined): Namespaces {
  const inode = (kind: Kind): number | undefined => {
    const found = /^\w+:\[(\d+)\]$/.exec(readLink(`${OWN_PROC}/ns/${kind}`) ?? '')?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return {
    own: { user: inode('user'), pid: inode('pid'), net: inode('net') },
    uidMap: readText(`${OWN_PROC}/uid_map`),
    kernelIsHere: here,
  };
}

const REMEDIES: Readonly<Record<Kind, string>> = {
  user: "Run it in the host's user namespace: no PrivateUsers in systemd, no rootless container, hostUsers in Kubernetes.",
  pid: "Run it in the host's pid namespace: in a container --pid host, in Kubernetes hostPID.",
  net: "Run it in the host's network namespace: no PrivateNetwork in systemd, in a container --network host, in Kubernetes hostNetwork.",
};

/** True and false are known; undefined cannot be told from here. */
export function isInitial(
  kind: Kind,
  { own, uidMap, kernelIsHere }: Namespaces,
  release: string,
): boolean | undefined {
  const inode = own[kind];
  if (inode === INITIAL[kind]) return true;
  if (kind === 'user' && inode === undefined) {
    // A map that is not whole is proof; a whole one may be a copy.
    return uidMap === undefined || WHOLE_UID_MAP.test(uidMap) ? undefined : false;
  }
  if (kind !== 'net') return inode === undefined ? undefined : false;
  if (inode !== undefined && isAtLeast(release, ...NET_FIXED_SINCE)) return false;
  return kernelIsHere;
}

export function judgeNamespaces(
  namespaces: Namespaces,
  release: string,
  { acked, reached }: Told,
): readonly Check[] {
  return KINDS.map((kind) => {
    const name = `${kind}_namespace`;
    const inode = namespaces.own[kind];
    const shown = inode === undefined ? '' : ` (${inode})`;
    if (acked) return ok(name, `the host's${shown}`);
    const proven = kind === 'net' ? reached : undefined;
    const initial = proven ?? isInitial(kind, namespaces, release);
    if (initial === true) return ok(name, `the host's${shown}`);
    if (initial === false) return failing(name, `not the host's${shown}`, REMEDIES[kind]);
    return degraded(name, `cannot be told whether it is the host's${shown}`, REMEDIES[kind]);
  });
}
