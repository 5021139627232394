// Stage: sources. What start-up opens while it is privileged, and the collector drains.
import { fromNative } from '../errors.ts';
import { native, type NativeConnector } from './native.ts';

/** The kernel answers LISTEN before send() returns; a second serves a machine that is under water. */
const ACK_TIMEOUT_MS = 1000;
/** An exit record comes as soon as its task has ended; likewise. */
const RECORD_TIMEOUT_MS = 1000;

/** A witness beside the connector, or why there is none. */
export type Witness<T> =
  { readonly value: T; readonly why?: never } | { readonly value?: never; readonly why: string };

export interface Sources {
  readonly connector: NativeConnector;
  /** Whether the connector is the kernel's: it says IGNORE at the end, and can be asked to LISTEN again. */
  readonly listening: boolean;
  /** perf events with COMM records, one for each CPU that is online */
  readonly execNames: Witness<readonly number[]>;
  /** a registered taskstats socket */
  readonly exitRecords: Witness<number>;
}

/** Subscribes to the kernel's process events. `receiveBuffer` in bytes. Throws an ExporterError that names the cause. */
export function openConnector(receiveBuffer: number): NativeConnector {
  try {
    return native().openConnector(receiveBuffer, ACK_TIMEOUT_MS);
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
  const { openExitRecords, openExecNames } = native();
  const exitRecords = witness(
    o.taskstats,
    'taskstats',
    () => openExitRecords(o.receiveBuffer, RECORD_TIMEOUT_MS).fd,
  );
  const execNames = witness(o.perf, 'perf', () => openExecNames());
  return { connector: openConnector(o.receiveBuffer), listening: true, execNames, exitRecords };
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
