// Library: what a connector has counted. The collector's figures in; numbers by name out.
import { EVENT_KINDS, FIGURES, type EventKind } from '../collector/record.ts';

export interface ProcConnectorStats {
  /** Events taken from the socket, by kind; `total` is their sum. */
  readonly received: Readonly<Record<EventKind | 'unknown' | 'total', number>>;
  /** Events known to be missing. */
  readonly lost: {
    /** Never queued by the kernel; undefined where a kernel filter makes it impossible to tell. */
    readonly kernel: number | undefined;
    /** Dropped because the socket's queue was full. */
    readonly socket: number;
    /** Dropped because the ring was full: the consumer is too slow. */
    readonly ring: number;
  };
  /** Messages not taken for events. */
  readonly rejected: {
    /** Not sent by the kernel. */
    readonly sender: number;
    readonly length: number;
    /** Not of the process connector. */
    readonly connector: number;
  };
  /** Events that wait to be read. */
  readonly queue: {
    readonly slots: number;
    readonly used: number;
    /** Of the socket, bytes, as the kernel accounts them. */
    readonly receiveBuffer: number;
    readonly receiveBufferUsed: number;
  };
  /** The witnesses of `attribute`, where they could be had. */
  readonly witnesses: { readonly execNames: boolean; readonly exitRecords: boolean };
}

export function statsOf(o: {
  readonly figures: Float64Array;
  /** Whether the seqs are without gaps: no kernel filter. */
  readonly numbered: boolean;
  readonly slots: number;
  readonly used: number;
  readonly exitRecords: boolean;
  /** The socket's queue, bytes. */
  readonly queued: number;
}): ProcConnectorStats {
  const { figures } = o;
  const [sender = 0, length = 0, connector = 0, unknown = 0] = figures.subarray(FIGURES.rejected);
  const received = { unknown, total: unknown } as Record<EventKind | 'unknown' | 'total', number>;
  let shed = figures[FIGURES.shedUnknown]!;
  EVENT_KINDS.forEach((kind, i) => {
    const count = figures[FIGURES.events + i]!;
    received[kind] = count;
    received.total += count;
    shed += figures[FIGURES.shed + i]!;
  });
  return {
    received,
    lost: {
      kernel: o.numbered ? figures[FIGURES.lostKernel]! : undefined,
      socket: figures[FIGURES.lostSocket]!,
      ring: shed,
    },
    rejected: { sender, length, connector },
    queue: {
      slots: o.slots,
      used: o.used,
      receiveBuffer: figures[FIGURES.receiveBuffer]!,
      receiveBufferUsed: o.queued,
    },
    witnesses: { execNames: figures[FIGURES.execNames] === 1, exitRecords: o.exitRecords },
  };
}
