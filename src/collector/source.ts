// Stage: sources. What start-up opens while it is privileged, and the collector drains.
import { closeSync } from 'node:fs';
import { fromNative } from '../errors.ts';
import { native, type Native, type NativeConnector } from './native.ts';

/** The kernel answers LISTEN before send() returns; a second serves a machine that is under water. */
const ACK_TIMEOUT_MS = 1000;
/** An exit record comes as soon as its task has ended; likewise. */
const RECORD_TIMEOUT_MS = 1000;

/** The socket that heals hears nothing itself: the smallest buffer will do. */
const HEAL_BUFFER_BYTES = 4096;

/** A witness beside the connector, or why there is none. */
export type Witness<T> =
  { readonly value: T; readonly why?: never } | { readonly value?: never; readonly why: string };

export interface Sources {
  readonly connector: NativeConnector;
  /** Why the connector's receive buffer is smaller than asked for, if it is. */
  readonly narrow?: string;
  /** Whether the connector is the kernel's: it says IGNORE at the end, and can be asked to LISTEN again. */
  readonly listening: boolean;
  /** perf events with COMM records, one for each CPU that is online */
  readonly execNames: Witness<readonly number[]>;
  /** a registered taskstats socket */
  readonly exitRecords: Witness<number>;
}

/** Node with file capabilities may have them permitted only. */
function privileged(): Native {
  const addon = native();
  addon.raisePrivilege();
  return addon;
}

/** Subscribes to the kernel's process events. `receiveBuffer` in bytes. Throws an ExporterError that names the cause. */
export function openConnector(receiveBuffer: number): NativeConnector {
  try {
    return privileged().openConnector(receiveBuffer, ACK_TIMEOUT_MS);
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * Asks anew for a feed that has fallen silent: on its own socket, which is what counts from Linux 6.6 on, and from a fresh
 * one, which raises the kernel's count of listeners where there is only that. Whether it helps, events must show.
 */
export function listenAgain({ connector, listening }: Sources): void {
  if (listening) native().listenAgain(connector.fd);
  try {
    // Closed without IGNORE: that would lower the count again.
    closeSync(native().openConnector(HEAL_BUFFER_BYTES, ACK_TIMEOUT_MS).fd);
  } catch {
    // Without privilege; then the first is what there is.
  }
}

/** Whether a descriptor is a stream socket of TCP or unix that listens: Node would bind and listen on one that does not. */
export function listens(fd: number): boolean {
  return native().listens(fd);
}

/** Registers with taskstats and proves that a record comes. `receiveBuffer` in bytes. Throws an ExporterError. */
export function openExitRecords(receiveBuffer: number): NativeConnector {
  try {
    return privileged().openExitRecords(receiveBuffer, RECORD_TIMEOUT_MS);
  } catch (error) {
    throw fromNative(error);
  }
}

/** Opens perf's COMM records, one event for each CPU that is online. Throws an ExporterError. */
export function openExecNames(): readonly number[] {
  try {
    return privileged().openExecNames();
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * Opens all witnesses, the connector last: from then on nothing may take long. Only the connector must be there.
 * `receiveBuffer` in bytes, for each socket. Throws an ExporterError that names the cause.
 */
export function openSources(o: {
  readonly receiveBuffer: number;
  readonly perf: boolean;
  readonly taskstats: boolean;
}): Sources {
  const exitRecords = witness(o.taskstats, 'taskstats', () => openExitRecords(o.receiveBuffer).fd);
  const execNames = witness(o.perf, 'perf', openExecNames);
  const connector = openConnector(o.receiveBuffer);
  const narrow = narrowness(connector.receiveBuffer, o.receiveBuffer);
  return { connector, ...narrow, listening: true, execNames, exitRecords };
}

/** The kernel accounts twice what was asked for, and ends at INT_MAX - 1. */
function narrowness(granted: number, asked: number): { readonly narrow?: string } {
  if (granted >= Math.min(2 * asked, 2 ** 31 - 2)) return {};
  const half = Math.floor(granted / 2);
  return {
    narrow: `the receive buffer is ${half} bytes instead of ${asked}: a burst may overrun it. Run it with CAP_NET_ADMIN, or raise net.core.rmem_max`,
  };
}

function witness<T>(wanted: boolean, flag: string, open: () => T): Witness<T> {
  if (!wanted) return { why: `off by --no-collector.${flag}` };
  try {
    return { value: open() };
  } catch (error) {
    const { message, remedy } = fromNative(error);
    return { why: `${message}. ${remedy}` };
  }
}
