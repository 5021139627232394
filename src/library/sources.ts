// Library: what open() opens. Options in; sockets, and what the kernel makes of them, out. The collector owns them then.
import { closeSync } from 'node:fs';
import { release } from 'node:os';
import { native, type NativeConnector } from '../collector/native.ts';
import { openConnector, openExecNames, openExitRecords } from '../collector/source.ts';
import { EVENT_KINDS, type EventKind } from '../collector/record.ts';
import { ExporterError, fromNative } from '../errors.ts';
import { descriptor, refuse } from './argument.ts';
import { PROC_EVENT } from './kernel.ts';
import type { CheckedOptions } from './options.ts';

export interface LibrarySources {
  readonly connector: NativeConnector;
  /** Whether it is the kernel's, and is to be told IGNORE at the end. */
  readonly listening: boolean;
  /** Whether the kernel leaves out what the filter does not name. */
  readonly filtered: boolean;
  /** perf's events and the taskstats socket; none and -1 where they cannot be had or are not wanted. */
  readonly execNames: readonly number[];
  readonly exitRecords: number;
}

/** A socket that is there already. */
export interface GivenSocket extends NativeConnector {
  readonly netlink: boolean;
}

/** The one that open() was given, before anything else is looked at: whatever happens then, it is ours to close. */
export function givenSocket(options: unknown): GivenSocket | undefined {
  const { fd } = (options ?? {}) as { readonly fd?: unknown };
  return fd === undefined ? undefined : describe('the option fd', fd);
}

/** Throws an ExporterError, with everything closed again. */
export function openSources(options: CheckedOptions, given?: GivenSocket): LibrarySources {
  const { receiveBuffer, attribute } = options;
  const listening = given?.netlink ?? true;
  // A feed that is not the kernel's tells of other processes than its witnesses do.
  const witnessed = attribute && listening;
  const exitRecords = witnessed ? attempt(() => openExitRecords(receiveBuffer).fd) : undefined;
  const execNames = witnessed ? attempt(openExecNames) : undefined;
  let connector: NativeConnector | undefined = given;
  try {
    connector ??= openConnector(receiveBuffer);
    return {
      connector,
      listening,
      filtered: listening && filterInKernel(connector.fd, options),
      execNames: execNames ?? [],
      exitRecords: exitRecords ?? -1,
    };
  } catch (error) {
    for (const opened of [connector?.fd, exitRecords, ...(execNames ?? [])]) {
      if (opened !== undefined) closeSync(opened);
    }
    throw inOptions(error);
  }
}

/** What a flag does for the command, an option does here: remedies name that. */
export function inOptions(error: unknown): ExporterError {
  const { code, message, remedy, cause } = fromNative(error);
  let text = remedy;
  for (const [flag, option] of Object.entries(OPTIONS)) text = text.replaceAll(flag, option);
  return new ExporterError(code, message, { cause, remedy: text });
}

const OPTIONS: Readonly<Record<string, string>> = {
  '--collector.receive-buffer': 'receiveBuffer',
  '--collector.ring-slots': 'ringSlots',
  '--path.procfs': 'procfs',
};

export function describe(what: string, value: unknown): GivenSocket {
  const fd = descriptor(what, value);
  try {
    const { netlink, datagrams, capacity } = native().describeSocket(fd);
    if (!datagrams) refuse(what, `is ${fd}, which gives no datagrams`);
    return { fd, netlink, receiveBuffer: capacity };
  } catch (cause) {
    const error = fromNative(cause);
    if (error.code !== 'PROCEVENTS_CONNECTOR_SOCKET') throw error;
    return refuse(what, `is ${fd}, which is no open socket`);
  }
}

function attempt<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/**
 * The subscription is proven by then: a filter's own ack is among what it leaves out. Attribution needs the full feed, and
 * before Linux 6.6 there is no filter; the reader leaves out what is not wanted in any case.
 */
function filterInKernel(fd: number, { filter, attribute }: CheckedOptions): boolean {
  if (filter === undefined || attribute || !kernelFilters(release())) return false;
  return native().filterConnector(fd, eventTypes(filter)) === 0;
}

export function kernelFilters(kernelRelease: string): boolean {
  const [major = 0, minor = 0] = kernelRelease.split('.').map((part) => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 6);
}

/** The mask of PROC_EVENT_*, as an unsigned number. */
export function eventTypes(kinds: readonly EventKind[]): number {
  let mask = 0;
  for (const kind of EVENT_KINDS) if (kinds.includes(kind)) mask |= PROC_EVENT[kind];
  return mask >>> 0;
}
