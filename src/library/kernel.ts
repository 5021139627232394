// Library: the wire format of the process event connector by its kernel names (linux/netlink.h, linux/connector.h,
// linux/cn_proc.h). native/kernel.h states the same for C++; a test compares the two.
import type { EventKind } from '../collector/record.ts';

/** nlmsg_type of what cn_netlink_send sends; NOOP, ERROR and OVERRUN come from elsewhere. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NETLINK_CONNECTOR = 11;

export const CN_IDX_PROC = 1;
export const CN_VAL_PROC = 1;

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
export const PROC_EVENT_COREDUMP = 0x4000_0000;
export const PROC_EVENT_EXIT = 0x8000_0000;

/** Bytes of the kernel's structs. */
export const SIZEOF_NLMSGHDR = 16;
export const SIZEOF_CN_MSG = 20;
/** what, cpu, timestamp_ns and 24 bytes of event_data */
export const SIZEOF_PROC_EVENT = 40;
/** Before event_data. */
export const SIZEOF_PROC_EVENT_HEADER = 16;
/** Of Linux 6.6: mcast_op and event_type. */
export const SIZEOF_PROC_INPUT = 8;

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
