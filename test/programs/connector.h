// A message of the process event connector, for programs that stand in for the kernel.
#pragma once
#include <stdint.h>

// struct nlmsghdr, struct cn_msg, struct proc_event; see native/kernel.h
struct message {
  uint32_t nlmsg_len;
  uint16_t nlmsg_type, nlmsg_flags;
  uint32_t nlmsg_seq, nlmsg_pid;
  uint32_t idx, val, seq, ack;
  uint16_t len, flags;
  uint32_t what, cpu, time[2], data[6];
};
_Static_assert(sizeof(struct message) == 76, "as native/kernel.h has it");

enum { FORK = 0x00000001, UID = 0x00000004, COMM = 0x00000200, COREDUMP = 0x40000000 };
#define EXIT 0x80000000u
