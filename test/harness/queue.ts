// What waits in a process's connector socket. Input: a pid. Output: bytes, from /proc/net/netlink.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const NETLINK_CONNECTOR = '11';

export function queuedBytes(pid: number): number {
  const inodes = new Set(socketInodes(pid));
  const sockets = readFileSync('/proc/net/netlink', 'utf8').trim().split('\n').slice(1);
  let bytes = 0;
  for (const line of sockets) {
    const [, protocol, , , queued, , , , , inode = ''] = line.trim().split(/\s+/);
    if (protocol === NETLINK_CONNECTOR && inodes.has(inode)) bytes += Number(queued);
  }
  return bytes;
}

function socketInodes(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
}
