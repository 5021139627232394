// The addon, typed. Loaded at first use, so that a missing one is an error of ours and not a stack.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ExporterError } from '../errors.ts';

export interface NativeCollector {
  /** The ring: a control page, then the records. */
  readonly memory: ArrayBuffer;
  /** Asks for a cut; `cutDone` reaches the returned number (u32, wraps) when it is made. */
  requestCut(): number;
  /** Copies the figures; false when no consistent set could be had (the thread stands still in the middle of one). */
  readFigures(into: Float64Array): boolean;
  /** Joins the thread, says IGNORE, closes the source. False when the thread has not ended within the time. Idempotent. */
  stop(timeoutMs: number): boolean;
}

export interface NativeCollectorOptions {
  /** A non-blocking source of connector datagrams; the collector owns it from here on. */
  fd: number;
  /** Whether fd is a connector socket that has to say IGNORE at the end. */
  listening: boolean;
  procfs: string;
  /** perf events, one a CPU, or none; the collector owns them */
  execNames: readonly number[];
  /** a taskstats socket, or -1; the collector owns it */
  exitRecords: number;
  /** power of two */
  ringSlots: number;
  gatherMs: number;
  /** Processes created in one second of kernel time that make it a storm second. */
  stormThreshold: number;
  /** Records of unknown kinds, and of gaps by CPU, too. */
  whole?: boolean;
  /** The kernel filters: gaps in its numbers are no losses. */
  filtered?: boolean;
  /** No names of execs are read from procfs, which is then not looked at. */
  nameless?: boolean;
}

export interface NativeConnector {
  fd: number;
  /** bytes, as the kernel accounts them */
  receiveBuffer: number;
}

export interface Native {
  /** Throws an Error with `code` PROCEVENTS_CONNECTOR_* and `errno`. */
  openConnector(receiveBuffer: number, timeoutMs: number): NativeConnector;
  /** Sends LISTEN on a connector socket. Returns 0 or an errno. */
  readonly listenAgain: (fd: number) => number;
  /** Sends IGNORE on a connector socket. Returns 0 or an errno. */
  readonly ignoreConnector: (fd: number) => number;
  /** Asks for kinds by a mask of PROC_EVENT_*; from Linux 6.6 on. Returns 0 or an errno; an ack never comes. */
  readonly filterConnector: (fd: number, mask: number) => number;
  /** Throws an Error with `code` PROCEVENTS_CONNECTOR_SOCKET and `errno` when it is no socket. */
  readonly describeSocket: (fd: number) => {
    readonly netlink: boolean;
    /** Whether a read gives one message. */
    readonly datagrams: boolean;
    /** bytes, as the kernel accounts them */
    readonly capacity: number;
    readonly queued: number;
  };
  /** Throws an Error with `code` PROCEVENTS_EXEC_NAMES and `errno`. */
  readonly openExecNames: () => number[];
  /** Throws an Error with `code` PROCEVENTS_TASKSTATS and `errno`; ETIMEDOUT: registered, and nothing comes. */
  readonly openExitRecords: (
    receiveBuffer: number,
    timeoutMs: number,
  ) => { fd: number; receiveBuffer: number };
  /** Whether fd is a stream socket of AF_INET, AF_INET6 or AF_UNIX that listens. */
  readonly listens: (fd: number) => boolean;
  /** Sends one message to what NOTIFY_SOCKET names: a path, or @ and an abstract name. Returns 0 or an errno. */
  readonly notify: (address: string, message: string) => number;
  /** Makes CAP_NET_ADMIN and CAP_PERFMON effective on this thread, if they are permitted. */
  readonly raisePrivilege: () => void;
  /**
   * Takes every privilege from these threads of ours, and makes them another user's when one is given. Throws an Error
   * with `code` PROCEVENTS_USER_CHANGE or PROCEVENTS_PRIVILEGE and `errno`; the process must end then.
   */
  readonly dropPrivilege: (
    tids: readonly number[],
    become: { readonly uid: number; readonly gid: number } | undefined,
    timeoutMs: number,
  ) => void;
  /** Hides memory and core files from other processes of our user. After the last change of credentials. */
  readonly makeUndumpable: () => void;
  /** Throws an Error with `code` PROCEVENTS_COLLECTOR_START or PROCEVENTS_PROCFS and `errno`. */
  readonly Collector: new (options: NativeCollectorOptions, wake: () => void) => NativeCollector;
  readonly layout: Readonly<Record<string, number>>;
}

let loaded: Native | undefined;

export function native(): Native {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  const load = require('node-gyp-build') as ((folder: string) => Native) & {
    resolve(folder: string): string;
  };
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    load.resolve(root);
  } catch (error) {
    throw new ExporterError('PROCEVENTS_ADDON_MISSING', 'the native addon is not built', {
      cause: error,
    });
  }
  try {
    loaded = load(root);
  } catch (error) {
    throw new ExporterError('PROCEVENTS_ADDON_LOAD', 'the native addon does not load', {
      cause: error,
    });
  }
  return loaded;
}
