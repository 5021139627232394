// Library: what open() and events() take. In: a caller's options. Out: all of them, checked, or an error with a code.
import { EVENT_KINDS, GAP, type EventKind } from '../collector/record.ts';
import { fieldsOf, integer, names, refuse, shown } from './argument.ts';
import type { ProcEventKind } from './events.ts';

export interface ProcConnectorOptions {
  /**
   * Receive buffer asked of the kernel, bytes: 4096 to 1 GiB, 64 MiB unless told otherwise. An event costs 832 bytes.
   * Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max; see `receiveBuffer` of the connector.
   */
  readonly receiveBuffer?: number;
  /** Events that the consumer may be behind, 64 bytes each: a power of two from 256 to 4194304, 131072 unless told otherwise. */
  readonly ringSlots?: number;
  /** Longest time that events gather under load (above 2,000 a second), ms: 0 to 1000, 5 unless told otherwise. */
  readonly gather?: number;
  /** `comm` and `uid` on every event, by the exporter's own attribution. Takes the rights that the exporter takes. */
  readonly attribute?: boolean;
  /**
   * Only these kinds, and `lost`. From Linux 6.6 on the kernel leaves out the others, and with them the count of
   * what is lost in the kernel: `stats().lost.kernel` is then undefined. Before, and with
   * `attribute`, they are left out here.
   */
  readonly filter?: readonly EventKind[];
  /**
   * An existing socket instead of one of its own, which gives one connector datagram a read. A netlink socket must be bound
   * and subscribed. It belongs to the connector from the call on, and is closed also where open() rejects; only what is
   * refused as no such socket is left alone.
   */
  readonly fd?: number;
  /** Where procfs is mounted, for `attribute`; /proc unless told otherwise. */
  readonly procfs?: string;
}

export interface EventsOptions<Kind extends ProcEventKind = ProcEventKind> {
  /** Only these kinds; others are taken and dropped. All, unless told otherwise. */
  readonly kinds?: readonly Kind[];
  /** Ends the iteration with the signal's reason as error; the connector stays open. */
  readonly signal?: AbortSignal;
}

export interface CheckedOptions {
  readonly receiveBuffer: number;
  readonly ringSlots: number;
  readonly gather: number;
  readonly attribute: boolean;
  readonly filter: readonly EventKind[] | undefined;
  readonly procfs: string;
}

const OPTIONS = [
  'receiveBuffer',
  'ringSlots',
  'gather',
  'attribute',
  'filter',
  'fd',
  'procfs',
] as const satisfies readonly (keyof ProcConnectorOptions)[];

const KINDS = [...EVENT_KINDS, 'lost', 'unknown'] as const;

export function checkOptions(options: unknown): CheckedOptions {
  const fields = fieldsOf('open()', options, OPTIONS);
  const { receiveBuffer, ringSlots = 131_072, filter } = fields;
  const { gather = 5, attribute = false, procfs = '/proc' } = fields;
  // The same bounds as the flags' (src/config/flags.ts), for the same reasons.
  const slots = integer('the option ringSlots', ringSlots, 256, 4_194_304);
  if (!Number.isInteger(Math.log2(slots))) refuse('the option ringSlots', 'is no power of two');
  if (typeof gather !== 'number' || !(gather >= 0 && gather <= 1000)) {
    return refuse('the option gather', `is not a number from 0 to 1000 but ${shown(gather)}`);
  }
  if (typeof attribute !== 'boolean') {
    return refuse('the option attribute', `is neither true nor false but ${shown(attribute)}`);
  }
  // A NUL would end the path for the kernel.
  if (typeof procfs !== 'string' || procfs === '' || procfs.includes('\0')) {
    return refuse('the option procfs', `is no path but ${shown(procfs)}`);
  }
  return {
    receiveBuffer: checkReceiveBuffer(receiveBuffer),
    ringSlots: slots,
    gather,
    attribute,
    filter: filter === undefined ? undefined : names('the option filter', filter, EVENT_KINDS),
    procfs,
  };
}

export function checkSocketOptions(options: unknown): { readonly receiveBuffer: number } {
  const { receiveBuffer } = fieldsOf('openSocket()', options, ['receiveBuffer']);
  return { receiveBuffer: checkReceiveBuffer(receiveBuffer) };
}

function checkReceiveBuffer(bytes: unknown = 64 * 2 ** 20): number {
  return integer('the option receiveBuffer', bytes, 4096, 2 ** 30);
}

export function checkEventsOptions(options: unknown): {
  readonly mask: number;
  readonly signal: AbortSignal | undefined;
} {
  const { kinds, signal } = fieldsOf('events()', options, ['kinds', 'signal']);
  const mask = kinds === undefined ? -1 : kindMask(names('the option kinds', kinds, KINDS));
  if (signal !== undefined && !isSignal(signal)) {
    return refuse('the option signal', `is no AbortSignal but ${shown(signal)}`);
  }
  return { mask, signal };
}

/** By what is used of it: another realm's is not an instance of ours. */
function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, throwIfAborted, addEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' &&
    typeof throwIfAborted === 'function' &&
    typeof addEventListener === 'function'
  );
}

/** How many events read() may give: the number, or without end. */
export function checkMax(max: unknown): number {
  if (max === Infinity) return Infinity;
  return integer('the argument of read()', max, 0, Number.MAX_SAFE_INTEGER);
}

/** A bit a kind, in the order of the records' kinds. */
export function kindMask(kinds: readonly ProcEventKind[]): number {
  let mask = 0;
  for (const kind of kinds) {
    mask |= 1 << KINDS.indexOf(kind);
    if (kind === 'lost') mask |= 1 << GAP;
  }
  return mask;
}
