// Doctor: who listens to process events already. In: /proc/net/netlink, descriptors of processes. Out: a check.
import { quoted } from '../errors.ts';
import { degraded, ok, type Check } from './check.ts';
import { readFolder, readLink, readText } from './files.ts';

/** NETLINK_CONNECTOR, and the bit of its group CN_IDX_PROC. */
const CONNECTOR = 11;
const GROUP = 1;

// Whose socket it is costs a readlink for each descriptor of the host: 100,000 of them are a tenth of a second.
const MOST_DESCRIPTORS = 100_000;
// As many as a line can show.
const MOST_SHOWN = 5;

interface Socket {
  /** 0: the kernel's own. */
  readonly port: number;
  /** Whether it gets process events. */
  readonly listens: boolean;
  readonly inode: string;
}

export interface Listener {
  readonly pid?: number;
  readonly comm?: string;
}

/** The sockets of the connector in this network namespace; undefined where the kernel's table cannot be read. */
export function readSockets(procfs: string): readonly Socket[] | undefined {
  const text = readText(`${procfs}/net/netlink`);
  return text === undefined ? undefined : parseSockets(text);
}

/** Lines of: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode. */
export function parseSockets(text: string): readonly Socket[] {
  return text.split('\n').flatMap((line) => {
    const [, protocol, port, groups = '', , , , , , inode] = line.trim().split(/\s+/);
    if (Number(protocol) !== CONNECTOR || inode === undefined) return [];
    const listens = (Number.parseInt(groups, 16) & GROUP) !== 0;
    return [{ port: Number(port), listens, inode }];
  });
}

/** The kernel's side of the connector is a socket in the init network namespace, and in no other. */
export function kernelIsHere(sockets: readonly Socket[] | undefined): boolean | undefined {
  return sockets?.some(({ port }) => port === 0);
}

/** undefined where that cannot be told. */
export function readListeners(
  procfs: string,
  sockets: readonly Socket[] | undefined,
): readonly Listener[] | undefined {
  return (
    sockets &&
    ownersOf(
      procfs,
      sockets.filter(({ listens }) => listens),
    )
  );
}

function ownersOf(procfs: string, sockets: readonly Socket[]): readonly Listener[] {
  if (sockets.length === 0) return [];
  const owners = new Map<string, Listener>();
  const wanted = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  // A socket's port is most often its process's pid.
  const likely = sockets.map(({ port }) => String(port));
  const all = readFolder(procfs).filter((name) => /^\d+$/.test(name));
  let left = MOST_DESCRIPTORS;
  for (const pid of new Set([...likely, ...all])) {
    if (owners.size === wanted.size || left <= 0) break;
    for (const descriptor of readFolder(`${procfs}/${pid}/fd`)) {
      if (left-- <= 0) break;
      const link = readLink(`${procfs}/${pid}/fd/${descriptor}`);
      if (link === undefined || !wanted.has(link) || owners.has(link)) continue;
      const comm = readText(`${procfs}/${pid}/comm`)?.replace(/\n$/, '');
      owners.set(link, { pid: Number(pid), ...(comm === undefined ? {} : { comm }) });
    }
  }
  return sockets.map(({ inode }) => owners.get(`socket:[${inode}]`) ?? {});
}

/** Others do no harm, but for kernels before 6.6: there one that ends badly can make all of them deaf. */
export function judgeListeners(listeners: readonly Listener[] | undefined): Check {
  const name = 'listeners';
  if (listeners === undefined) {
    return degraded(
      name,
      'cannot be told: procfs has no net/netlink',
      'Nothing has to be done, if no other program reads process events.',
    );
  }
  if (listeners.length === 0) return ok(name, 'nobody listens to process events yet');
  const shown = listeners.slice(0, MOST_SHOWN).map(({ pid, comm }) => {
    if (pid === undefined) return 'a program out of sight';
    return comm === undefined ? `pid ${pid}` : `pid ${pid} ${quoted(comm)}`;
  });
  const more = listeners.length - shown.length;
  const rest = more > 0 ? ` and ${more} more` : '';
  return ok(name, `${listeners.length} before us, which does no harm: ${shown.join(', ')}${rest}`);
}
