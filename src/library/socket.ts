// Library: the bare socket, for who reads datagrams himself. fs.readSync(fd, buffer) takes one, or throws EAGAIN;
// parseDatagram() says what is in it. Who sent it, read(2) does not tell: any root process of the network namespace may.
import { getSystemErrorName } from 'node:util';
import { native } from '../collector/native.ts';
import { openConnector } from '../collector/source.ts';
import { EVENT_KINDS, type EventKind } from '../collector/record.ts';
import { ExporterError } from '../errors.ts';
import { names, refuse } from './argument.ts';
import { checkSocketOptions, type ProcConnectorOptions } from './options.ts';
import { describe, eventTypes } from './sources.ts';

export interface ConnectorSocket {
  /** Non-blocking, subscribed. unsubscribe() it before it is closed (fs.closeSync): before Linux 6.6 the kernel counts. */
  readonly fd: number;
  /** bytes, as the kernel accounts them: twice what was asked for */
  readonly receiveBuffer: number;
}

/**
 * Opens a socket, binds it, subscribes it, and waits for the kernel's ack: for up to a second, in which it holds the thread.
 * Throws an ExporterError.
 */
export function openSocket(
  options: Pick<ProcConnectorOptions, 'receiveBuffer'> = {},
): ConnectorSocket {
  return openConnector(checkSocketOptions(options).receiveBuffer);
}

/**
 * Asks for events again: all, or from Linux 6.6 on only these kinds (before, the kernel ignores the request). The ack to the
 * first comes as a message; to the second none comes, for the filter leaves it out. Throws an ExporterError.
 */
export function subscribe(fd: number, kinds?: readonly EventKind[]): void {
  const socket = connectorSocket(fd);
  if (kinds === undefined) {
    check(native().listenAgain(socket));
  } else {
    const mask = eventTypes(names('the argument kinds', kinds, EVENT_KINDS));
    check(native().filterConnector(socket, mask));
  }
}

/** Asks for no more events; what is queued stays. Throws an ExporterError. */
export function unsubscribe(fd: number): void {
  check(native().ignoreConnector(connectorSocket(fd)));
}

/** Only the kernel is to be asked. */
function connectorSocket(value: unknown): number {
  const { fd, netlink } = describe('the argument fd', value);
  if (!netlink) refuse('the argument fd', `is ${fd}, which is no netlink socket`);
  return fd;
}

function check(errno: number): void {
  if (errno === 0) return;
  const name = getSystemErrorName(-errno);
  throw new ExporterError('PROCEVENTS_CONNECTOR_SEND', `cannot ask for process events (${name})`);
}
