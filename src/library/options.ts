// Library: what open() and events() take. In: a caller's options. Out: all of them, checked, or an error with a code.
import { EVENT_KINDS, GAP, type EventKind } from '../collector/record.ts';
import { ExporterError } from '../errors.ts';
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
   * An existing socket instead of one of its own: it gives one connector datagram a read, and belongs to the connector from
   * now on. A netlink socket must be bound and subscribed.
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
  readonly fd: number | undefined;
  readonly procfs: string;
}

const KINDS: readonly string[] = [...EVENT_KINDS, 'lost', 'unknown'];

export function checkOptions(options: ProcConnectorOptions): CheckedOptions {
  const { receiveBuffer = 64 * 2 ** 20, ringSlots = 131_072, gather = 5, filter, fd } = options;
  // The same bounds as the flags' (src/config/flags.ts), for the same reasons.
  integer('receiveBuffer', receiveBuffer, 4096, 2 ** 30);
  integer('ringSlots', ringSlots, 256, 4_194_304);
  if (!Number.isInteger(Math.log2(ringSlots))) refuse('ringSlots', 'is no power of two');
  if (!(gather >= 0 && gather <= 1000)) refuse('gather', 'is not from 0 to 1000');
  if (fd !== undefined) integer('fd', fd, 0, 2 ** 31 - 1);
  if (filter !== undefined) {
    if (filter.length === 0) refuse('filter', 'names no kind');
    for (const kind of filter) {
      if (!EVENT_KINDS.includes(kind)) refuse('filter', `has ${JSON.stringify(kind)}, no kind`);
    }
  }
  const { attribute = false, procfs = '/proc' } = options;
  return { receiveBuffer, ringSlots, gather, attribute, filter, fd, procfs };
}

/** A bit a kind, in the order of the records' kinds; all, where none is named. */
export function kindMask(kinds: readonly ProcEventKind[] | undefined): number {
  if (kinds === undefined) return -1;
  let mask = 0;
  for (const kind of kinds) {
    const bit = KINDS.indexOf(kind);
    if (bit < 0) refuse('kinds', `has ${JSON.stringify(kind)}, no kind`);
    mask |= 1 << bit;
    if (kind === 'lost') mask |= 1 << GAP;
  }
  return mask;
}

function integer(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    refuse(name, `is not an integer from ${min} to ${max}`);
  }
}

function refuse(name: string, why: string): never {
  throw new ExporterError('PROCEVENTS_OPTION', `the option ${name} ${why}`);
}
