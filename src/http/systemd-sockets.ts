// HTTP: sockets that systemd passes (sd_listen_fds(3)). In: the environment. Out: addresses for listen.ts; the variables are gone.
import { fstatSync } from 'node:fs';
import { ExporterError, quoted } from '../errors.ts';

export interface FdAddress {
  readonly kind: 'fd';
  readonly fd: number;
  /** From FileDescriptorName=, for people. */
  readonly name: string;
}

const FIRST_FD = 3;
// Nobody has as many; a mistyped number must not make us look at a billion descriptors.
const MOST = 64;

export function takeSystemdSockets(o: {
  readonly environment: NodeJS.ProcessEnv;
  readonly pid: number;
  /** Whether a descriptor is a TCP or unix stream socket that listens. */
  readonly listens: (fd: number) => boolean;
}): FdAddress[] {
  const { environment, pid } = o;
  const { LISTEN_FDS: count, LISTEN_PID: forPid, LISTEN_FDNAMES: names = '' } = environment;
  // They are meant for this process only, not for those that it may start.
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID']) {
    delete environment[name];
  }
  if (count === undefined || forPid === undefined) {
    throw problem('no socket was passed: LISTEN_FDS and LISTEN_PID are not set');
  }
  if (forPid !== String(pid)) {
    throw problem(`the sockets are for process ${quoted(forPid)} (LISTEN_PID), and this is ${pid}`);
  }
  const sockets = /^\d{1,4}$/.test(count) ? Number(count) : 0;
  if (sockets < 1 || sockets > MOST) {
    throw problem(`LISTEN_FDS is ${quoted(count)}; allowed is a number from 1 to ${MOST}`);
  }
  const named = names.split(':');
  return Array.from({ length: sockets }, (_, i) => {
    const address: FdAddress = { kind: 'fd', fd: FIRST_FD + i, name: named[i] ?? '' };
    requireSocket(address, sockets);
    // Of one that does not Node would make one that does: on every address, with a port of the kernel's choice.
    if (!o.listens(address.fd)) throw notListening(address);
    return address;
  });
}

function requireSocket(address: FdAddress, sockets: number): void {
  const but = `LISTEN_FDS says ${sockets}, but ${fdText(address)}`;
  let socket: boolean;
  try {
    socket = fstatSync(address.fd).isSocket();
  } catch {
    throw problem(`${but} is not open`);
  }
  // A file that was passed, or, where the number is too high, one that Node has opened for itself.
  if (!socket) throw problem(`${but} is no socket`);
}

export function fdText({ fd, name }: FdAddress): string {
  return name === '' ? `descriptor ${fd}` : `descriptor ${fd} (${quoted(name)})`;
}

/** What Node says when it cannot listen on a socket that is one. */
export function fdProblem(address: FdAddress, error: NodeJS.ErrnoException): ExporterError {
  return problem(`${fdText(address)} cannot be listened on (${error.code ?? error.message})`);
}

function notListening(address: FdAddress): ExporterError {
  return problem(`${fdText(address)} is no TCP or unix stream socket that listens`);
}

function problem(why: string): ExporterError {
  return new ExporterError('PROCEVENTS_SYSTEMD_SOCKET', `cannot use sockets of systemd: ${why}`);
}
