// Datagrams for the tests of the library. Input: what is to differ from a message of the kernel. Output: its bytes.
import { EVENT_KINDS, type EventKind } from '../../../src/collector/record.ts';
import * as kernel from '../../../src/library/kernel.ts';

export interface MessageFields {
  readonly kind?: EventKind;
  /** Instead of the kind's. */
  readonly what?: number;
  /** event_data, word by word. */
  readonly data?: readonly number[];
  /** event_data beyond, or instead of, the words. */
  readonly bytes?: Uint8Array;
  readonly seq?: number;
  readonly cpu?: number;
  readonly ack?: number;
  readonly timestampNs?: bigint;
  readonly idx?: number;
  readonly val?: number;
  readonly type?: number;
  /** What the headers claim. */
  readonly nlmsgLen?: number;
  readonly cnLen?: number;
}

/** struct nlmsghdr, struct cn_msg, struct proc_event. */
export function message(fields: MessageFields = {}): Uint8Array {
  const own = Buffer.from(Uint32Array.from(fields.data ?? []).buffer);
  const data = Buffer.concat([own, fields.bytes ?? new Uint8Array()]);
  const event = Buffer.alloc(Math.max(kernel.SIZEOF_PROC_EVENT, 16 + data.length));
  event.writeUInt32LE(fields.what ?? kernel.PROC_EVENT[fields.kind ?? EVENT_KINDS[1]], 0);
  event.writeUInt32LE(fields.cpu ?? 0, 4);
  event.writeBigUInt64LE(fields.timestampNs ?? 1_000_000_000n, 8);
  data.copy(event, 16);
  const out = Buffer.alloc(36 + event.length);
  out.writeUInt32LE(fields.nlmsgLen ?? out.length, 0);
  out.writeUInt16LE(fields.type ?? kernel.NLMSG_DONE, 4);
  out.writeUInt32LE(fields.idx ?? kernel.CN_IDX_PROC, 16);
  out.writeUInt32LE(fields.val ?? kernel.CN_VAL_PROC, 20);
  out.writeUInt32LE(fields.seq ?? 0, 24);
  out.writeUInt32LE(fields.ack ?? 0, 28);
  out.writeUInt16LE(fields.cnLen ?? event.length, 32);
  event.copy(out, 36);
  return new Uint8Array(out);
}
