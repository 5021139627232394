// Library: bytes of one datagram of the process event connector in; events, acks and rejections out. Pure: no addon, no
// I/O. The same steps as native/parse.cc, word for word; test/unit/library/differential.test.ts holds one against the other.
import * as record from '../collector/record.ts';
import { decode, NOBODY } from './decode.ts';
import type { LostEvent, ProcEvent, UnknownEvent } from './events.ts';
import * as kernel from './kernel.ts';

/**
 * Why a message is not taken for an event: a length that cannot be, not of the process connector, or of a kind that this
 * version does not know. (A sender other than the kernel is no matter of bytes: it stands in the address of recvmsg(2).)
 */
export type RejectReason = 'length' | 'connector' | 'kind';

export type ParsedMessage =
  | { readonly type: 'event'; readonly event: Exclude<ProcEvent, UnknownEvent | LostEvent> }
  | {
      /** The kernel's answer to a subscription, whosever: `ack` is one more than the request's. */
      readonly type: 'ack';
      /** 0xffffffff from old kernels. */
      readonly cpu: number;
      readonly seq: number;
      readonly ack: number;
      /** An errno, positive; 0: granted. */
      readonly error: number;
    }
  | { readonly type: 'rejected'; readonly reason: 'length' | 'connector' }
  | { readonly type: 'rejected'; readonly reason: 'kind'; readonly event: UnknownEvent };

const { CN_MSG, EVENT_DATA, NLMSGHDR, PROC_EVENT_FIELDS } = kernel;
const DATA = PROC_EVENT_FIELDS.event_data;
/** Bytes of event_data that a record has room for. */
const DATA_ROOM = (record.RECORD_WORDS - record.WORD_DATA) * 4;

/** One record, filled anew for each message. */
const words = new Uint32Array(record.RECORD_WORDS);
const times = new BigUint64Array(words.buffer);

/**
 * Iterates over the messages of a datagram, as read from the socket, and says of each what it is. Never throws, whatever the
 * bytes: a message whose own length cannot be trusted is the last one, every other bad one costs only itself.
 */
export function parseDatagram(bytes: Uint8Array): IterableIterator<ParsedMessage> {
  return new Messages(bytes);
}

class Messages implements IterableIterator<ParsedMessage> {
  readonly #bytes: Uint8Array;
  #at = 0;
  #left: number;
  #first = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#left = bytes.length;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<ParsedMessage, undefined> {
    if (this.#left === 0 && !this.#first) return { done: true, value: undefined };
    this.#first = false;
    return { done: false, value: this.#message() };
  }

  #message(): ParsedMessage {
    const bytes = this.#bytes;
    const at = this.#at;
    const left = this.#left;
    this.#left = 0; // until this message's own length has proved sound
    if (left < kernel.SIZEOF_NLMSGHDR) return WRONG_LENGTH;
    const length = u32(bytes, at);
    if (length < kernel.SIZEOF_NLMSGHDR || length > left) return WRONG_LENGTH;
    const aligned = Math.ceil(length / kernel.NLMSG_ALIGNTO) * kernel.NLMSG_ALIGNTO;
    if (aligned < left) {
      this.#at = at + aligned;
      this.#left = left - aligned;
    }

    if (u16(bytes, at + NLMSGHDR.nlmsg_type) !== kernel.NLMSG_DONE) return NOT_THE_CONNECTOR;
    if (length < kernel.SIZEOF_NLMSGHDR + kernel.SIZEOF_CN_MSG) return WRONG_LENGTH;
    const cn = at + kernel.SIZEOF_NLMSGHDR;
    if (u32(bytes, cn) !== kernel.CN_IDX_PROC) return NOT_THE_CONNECTOR;
    if (u32(bytes, cn + CN_MSG.val) !== kernel.CN_VAL_PROC) return NOT_THE_CONNECTOR;
    const payload = length - kernel.SIZEOF_NLMSGHDR - kernel.SIZEOF_CN_MSG;
    const said = u16(bytes, cn + CN_MSG.len);
    if (said > payload || said < kernel.SIZEOF_PROC_EVENT) return WRONG_LENGTH;

    const event = cn + kernel.SIZEOF_CN_MSG;
    const seq = u32(bytes, cn + CN_MSG.seq);
    const what = u32(bytes, event);
    if (what === kernel.PROC_EVENT_NONE) {
      const ack = u32(bytes, cn + CN_MSG.ack);
      const cpu = u32(bytes, event + PROC_EVENT_FIELDS.cpu);
      return { type: 'ack', cpu, seq, ack, error: u32(bytes, event + DATA) };
    }
    const kind = fill(bytes, event, what, said);
    words[record.WORD_HEAD] = kind | (u16(bytes, event + PROC_EVENT_FIELDS.cpu) << 16);
    words[record.WORD_SEQ] = seq;
    copy(bytes, event + PROC_EVENT_FIELDS.timestamp_ns, record.WORD_TIME_LOW, 2);
    const decoded = decode(words, times, 0, NOBODY);
    if (decoded.kind === 'unknown') return { type: 'rejected', reason: 'kind', event: decoded };
    return { type: 'event', event: decoded as Exclude<ProcEvent, UnknownEvent | LostEvent> };
  }
}

const WRONG_LENGTH: ParsedMessage = { type: 'rejected', reason: 'length' };
const NOT_THE_CONNECTOR: ParsedMessage = { type: 'rejected', reason: 'connector' };

/** What a record keeps of event_data; returns its kind. The words of the kinds stand as native/record.h says. */
function fill(bytes: Uint8Array, event: number, what: number, said: number): number {
  const data = event + DATA;
  for (let i = 0; i < words.length; i++) words[i] = 0;
  switch (what) {
    case kernel.PROC_EVENT_FORK:
      copy(bytes, data + EVENT_DATA.fork.parent_pid, record.WORD_OTHER_PID, 2);
      copy(bytes, data + EVENT_DATA.fork.child_pid, record.WORD_PID, 2);
      return record.FORK;
    case kernel.PROC_EVENT_EXEC:
      copy(bytes, data, record.WORD_PID, 2);
      return record.EXEC;
    case kernel.PROC_EVENT_UID:
      copy(bytes, data, record.WORD_PID, 4);
      return record.UID;
    case kernel.PROC_EVENT_GID:
      copy(bytes, data, record.WORD_PID, 4);
      return record.GID;
    case kernel.PROC_EVENT_SID:
      copy(bytes, data, record.WORD_PID, 2);
      return record.SID;
    case kernel.PROC_EVENT_PTRACE:
      copy(bytes, data, record.WORD_PID, 4);
      return record.PTRACE;
    case kernel.PROC_EVENT_COMM:
      copy(bytes, data, record.WORD_PID, 2);
      copyComm(bytes, data + EVENT_DATA.comm.comm);
      return record.COMM;
    case kernel.PROC_EVENT_COREDUMP:
      copy(bytes, data, record.WORD_PID, 4);
      return record.COREDUMP;
    case kernel.PROC_EVENT_EXIT: {
      const { exit_code: code, exit_signal: signal, parent_pid: parent } = EVENT_DATA.exit;
      copy(bytes, data, record.WORD_PID, 2);
      // A wait status has 16 bits; exit_signal is a signal number or -1 for a thread.
      words[record.WORD_STATUS] = u16(bytes, data + code) | (u16(bytes, data + signal) << 16);
      copy(bytes, data + parent, record.WORD_OTHER_PID, 2);
      return record.EXIT;
    }
    default:
      words[record.WORD_WHAT] = what;
      words[record.WORD_DATA_LENGTH] = said - DATA;
      copyBytes(bytes, data, record.WORD_DATA, Math.min(said - DATA, DATA_ROOM));
      return record.UNKNOWN;
  }
}

function copy(bytes: Uint8Array, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) words[to + i] = u32(bytes, from + i * 4);
}

function copyBytes(bytes: Uint8Array, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) words[to + (i >> 2)]! |= bytes[from + i]! << ((i & 3) * 8);
}

/** Zero after the first NUL, so that equal names are equal words; the last byte is always NUL. */
function copyComm(bytes: Uint8Array, from: number): void {
  for (let i = 0; i < kernel.TASK_COMM_LEN; i += 4) {
    let word = u32(bytes, from + i);
    if (i + 4 === kernel.TASK_COMM_LEN) word &= 0xff_ffff;
    const to = record.WORD_COMM + (i >> 2);
    if ((word & 0xff) === 0) return;
    if ((word & 0xff00) === 0) word &= 0xff;
    else if ((word & 0xff_0000) === 0) word &= 0xffff;
    words[to] = word;
    if (word >>> 24 === 0) return;
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}
