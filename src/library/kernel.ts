// Library: the wire format of the process event connector by its kernel names (linux/netlink.h, linux/connector.h,
// linux/cn_proc.h). native/kernel.h states the same for C++; test/unit/library/kernel.test.ts holds one against the other,
// and against the headers of the machine.
import type { EventKind } from '../collector/record.ts';

/** nlmsg_type; cn_netlink_send sends DONE only, the others come from elsewhere. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLMSG_MIN_TYPE = 16;
export const NLMSG_ALIGNTO = 4;
export const NLM_F_REQUEST = 1;
/** Protocol of the socket, and an option of level SOL_NETLINK. */
export const NETLINK_CONNECTOR = 11;
export const NETLINK_NO_ENOBUFS = 5;

export const CN_IDX_PROC = 1;
export const CN_VAL_PROC = 1;
export const CONNECTOR_MAX_MSG_SIZE = 16_384;

/** enum proc_cn_mcast_op */
export const PROC_CN_MCAST_LISTEN = 1;
export const PROC_CN_MCAST_IGNORE = 2;

/** enum proc_cn_event, as unsigned numbers */
export const PROC_EVENT_NONE = 0x0000_0000;
export const PROC_EVENT_FORK = 0x0000_0001;
export const PROC_EVENT_EXEC = 0x0000_0002;
export const PROC_EVENT_UID = 0x0000_0004;
export const PROC_EVENT_GID = 0x0000_0040;
export const PROC_EVENT_SID = 0x0000_0080;
export const PROC_EVENT_PTRACE = 0x0000_0100;
export const PROC_EVENT_COMM = 0x0000_0200;
/** A filter only (Linux 6.6): exits whose exit_code is not 0. */
export const PROC_EVENT_NONZERO_EXIT = 0x2000_0000;
export const PROC_EVENT_COREDUMP = 0x4000_0000;
export const PROC_EVENT_EXIT = 0x8000_0000;

export const PROC_EVENT: Readonly<Record<EventKind, number>> = {
  fork: PROC_EVENT_FORK,
  exec: PROC_EVENT_EXEC,
  uid: PROC_EVENT_UID,
  gid: PROC_EVENT_GID,
  sid: PROC_EVENT_SID,
  ptrace: PROC_EVENT_PTRACE,
  comm: PROC_EVENT_COMM,
  coredump: PROC_EVENT_COREDUMP,
  exit: PROC_EVENT_EXIT,
};

/** Bytes of the kernel's structs; of a cn_msg without its data. */
export const SIZEOF_NLMSGHDR = 16;
export const SIZEOF_NLMSGERR = 20;
export const SIZEOF_CN_MSG = 20;
export const SIZEOF_PROC_EVENT = 40;
/** Of Linux 6.6: mcast_op and event_type. */
export const SIZEOF_PROC_INPUT = 8;

/** Offsets of the fields, in bytes. */
export const NLMSGHDR = {
  nlmsg_len: 0,
  nlmsg_type: 4,
  nlmsg_flags: 6,
  nlmsg_seq: 8,
  nlmsg_pid: 12,
} as const;
export const CN_MSG = { idx: 0, val: 4, seq: 8, ack: 12, len: 16, flags: 18, data: 20 } as const;
export const PROC_EVENT_FIELDS = { what: 0, cpu: 4, timestamp_ns: 8, event_data: 16 } as const;
const TASK = { process_pid: 0, process_tgid: 4 } as const;
/** Inside event_data. */
export const EVENT_DATA = {
  ack: { err: 0 },
  fork: { parent_pid: 0, parent_tgid: 4, child_pid: 8, child_tgid: 12 },
  exec: TASK,
  uid: { ...TASK, ruid: 8, euid: 12 },
  gid: { ...TASK, rgid: 8, egid: 12 },
  sid: TASK,
  ptrace: { ...TASK, tracer_pid: 8, tracer_tgid: 12 },
  comm: { ...TASK, comm: 8 },
  coredump: { ...TASK, parent_pid: 8, parent_tgid: 12 },
  exit: { ...TASK, exit_code: 8, exit_signal: 12, parent_pid: 16, parent_tgid: 20 },
} as const;
/** Bytes of each of these structs. */
export const SIZEOF_EVENT_DATA: Readonly<Record<keyof typeof EVENT_DATA, number>> = {
  ack: 4,
  fork: 16,
  exec: 8,
  uid: 16,
  gid: 16,
  sid: 8,
  ptrace: 16,
  comm: 24,
  coredump: 16,
  exit: 24,
};
/** Of a comm, the NUL at its end included. */
export const TASK_COMM_LEN = 16;
