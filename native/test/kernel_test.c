// sources:
// The wire format that native/kernel.h states, against the header of this machine. C, because
// Debian 12's <linux/cn_proc.h> does not compile as C++; the figures are repeated here for the same
// reason.
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stddef.h>

_Static_assert(CN_IDX_PROC == 1 && CN_VAL_PROC == 1, "connector id");
_Static_assert(PROC_CN_MCAST_LISTEN == 1 && PROC_CN_MCAST_IGNORE == 2, "operations");
_Static_assert(PROC_EVENT_NONE == 0 && PROC_EVENT_FORK == 1 && PROC_EVENT_EXEC == 2, "kinds");
_Static_assert(PROC_EVENT_UID == 4 && PROC_EVENT_GID == 0x40 && PROC_EVENT_SID == 0x80, "kinds");
_Static_assert(PROC_EVENT_PTRACE == 0x100 && PROC_EVENT_COMM == 0x200, "kinds");
_Static_assert((unsigned)PROC_EVENT_COREDUMP == 0x40000000, "kinds");
_Static_assert((unsigned)PROC_EVENT_EXIT == 0x80000000, "kinds");
_Static_assert(sizeof(struct nlmsghdr) == 16, "nlmsghdr");
_Static_assert(sizeof(struct cn_msg) == 20, "cn_msg");
_Static_assert(offsetof(struct cn_msg, seq) == 8 && offsetof(struct cn_msg, ack) == 12, "cn_msg");
_Static_assert(offsetof(struct cn_msg, len) == 16, "cn_msg");
_Static_assert(sizeof(struct proc_event) == 40, "proc_event");
_Static_assert(offsetof(struct proc_event, cpu) == 4, "proc_event");
_Static_assert(offsetof(struct proc_event, timestamp_ns) == 8, "proc_event");
_Static_assert(offsetof(struct proc_event, event_data) == 16, "proc_event");
#define AT(member) (offsetof(struct proc_event, event_data.member) - 16)
_Static_assert(AT(fork.parent_pid) == 0 && AT(fork.parent_tgid) == 4, "fork");
_Static_assert(AT(fork.child_pid) == 8 && AT(fork.child_tgid) == 12, "fork");
_Static_assert(AT(exec.process_pid) == 0 && AT(exec.process_tgid) == 4, "exec");
_Static_assert(AT(id.r.ruid) == 8 && AT(id.e.euid) == 12, "id");
_Static_assert(AT(ptrace.tracer_pid) == 8 && AT(ptrace.tracer_tgid) == 12, "ptrace");
_Static_assert(AT(comm.comm) == 8, "comm");
_Static_assert(AT(coredump.parent_pid) == 8 && AT(coredump.parent_tgid) == 12, "coredump");
_Static_assert(AT(exit.exit_code) == 8 && AT(exit.exit_signal) == 12, "exit");
_Static_assert(AT(exit.parent_pid) == 16 && AT(exit.parent_tgid) == 20, "exit");

int main(void) { return 0; }
