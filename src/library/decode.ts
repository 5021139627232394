// Library: a record of the ring in; an event out.
import * as record from '../collector/record.ts';
import { bytesOf, commBytes, commText } from './comm.ts';
import type { EventKind, ExitEvent, KernelEvent, LossStage, ProcEvent } from './events.ts';
import { signalName } from './signals.ts';

/** Who an event is about, and of an exit whether that is their end, where it is known. */
export type Who = Pick<KernelEvent<EventKind>, 'comm' | 'commBytes' | 'uid'> &
  Pick<ExitEvent, 'endsProcess'>;

export const NOBODY: Who = {
  comm: undefined,
  commBytes: undefined,
  uid: undefined,
  endsProcess: undefined,
};

const STAGES: Readonly<Record<number, LossStage>> = {
  [record.LOST_IN_KERNEL]: 'kernel',
  [record.LOST_IN_SOCKET]: 'socket',
  [record.LOST_IN_RING]: 'ring',
};

/** What a record has room for. */
const DATA_BYTES = (record.RECORD_WORDS - record.WORD_DATA) * 4;
const CORE_BIT = 0x80;
const SIGNAL_BITS = 0x7f;

/** The record at words[at ..), of which `times` is the same memory. */
export function decode(
  words: Uint32Array,
  times: BigUint64Array,
  at: number,
  { comm, commBytes: bytes, uid, endsProcess }: Who,
): ProcEvent {
  const head = words[at + record.WORD_HEAD]!;
  const cpu = head >>> 16;
  const seq = words[at + record.WORD_SEQ]!;
  const timestampNs = times[(at + record.WORD_TIME_LOW) >> 1]!;
  const pid = words[at + record.WORD_PID]!;
  const tgid = words[at + record.WORD_TGID]!;
  const isThread = pid !== tgid;
  // By kind: the parent, the tracer, or real and effective id.
  const first = words[at + record.WORD_OTHER_PID]!;
  const second = words[at + record.WORD_OTHER_TGID]!;
  // Written out in full: to spread what they share would double what an event costs.
  switch (head & 0xff) {
    case record.FORK:
      return {
        kind: 'fork',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        parentPid: first,
        parentTgid: second,
        childPid: pid,
        childTgid: tgid,
      };
    case record.EXEC:
      return {
        kind: 'exec',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
      };
    case record.UID:
      return {
        kind: 'uid',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        ruid: first,
        euid: second,
      };
    case record.GID:
      return {
        kind: 'gid',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        rgid: first,
        egid: second,
      };
    case record.SID:
      return {
        kind: 'sid',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
      };
    case record.PTRACE:
      return {
        kind: 'ptrace',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        tracerPid: first,
        tracerTgid: second,
      };
    case record.COMM: {
      const from = at + record.WORD_COMM;
      return {
        kind: 'comm',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm: commText(words, from),
        commBytes: commBytes(words, from),
        uid,
      };
    }
    case record.COREDUMP:
      return {
        kind: 'coredump',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        parentPid: first,
        parentTgid: second,
      };
    case record.EXIT: {
      const status = words[at + record.WORD_STATUS]!;
      const signal = status & SIGNAL_BITS;
      return {
        kind: 'exit',
        cpu,
        seq,
        timestampNs,
        pid,
        tgid,
        isThread,
        comm,
        commBytes: bytes,
        uid,
        parentPid: first,
        parentTgid: second,
        exitCode: status & 0xffff,
        // Signed: a thread's is -1.
        exitSignal: status >> 16,
        exitStatus: signal === 0 ? (status >>> 8) & 0xff : undefined,
        terminatingSignal: signal === 0 ? undefined : signalName(signal),
        coreWritten: (status & CORE_BIT) !== 0,
        endsProcess,
      };
    }
    case record.UNKNOWN: {
      const dataLength = words[at + record.WORD_DATA_LENGTH]!;
      return {
        kind: 'unknown',
        cpu,
        seq,
        timestampNs,
        what: words[at + record.WORD_WHAT]!,
        data: bytesOf(words, at + record.WORD_DATA, Math.min(dataLength, DATA_BYTES)),
        dataLength,
      };
    }
    default: {
      const count = words[at + record.WORD_LOST_COUNT]!;
      const stage = STAGES[(head >>> 8) & 0xff] ?? 'ring';
      const gap = (head & 0xff) === record.GAP;
      return gap
        ? { kind: 'lost', count, stage, cpu, seq, timestampNs }
        : { kind: 'lost', count, stage, cpu: undefined, seq: undefined, timestampNs: undefined };
    }
  }
}
