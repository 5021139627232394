// Stage: connector socket. Opens the kernel's process event feed and proves that it is alive before
// anything is built on it. Runs on the thread that starts the daemon, while that is still
// privileged.
#pragma once

#include <cstddef>
#include <cstdint>

namespace procevents {

// A start-up failure: `code` is stable and catalogued in src/errors.ts, `error` is an errno.
struct Failure {
  const char* code = nullptr;
  int error = 0;
  explicit operator bool() const { return code != nullptr; }
};

struct Connector {
  int fd = -1;
  uint64_t receive_buffer = 0;  // bytes, as the kernel accounts them (twice what was asked for)
};

// Binds to the group, asks for events and waits at most `timeout_ms` for the kernel's ack to this
// very request. Events that were queued before the ack are dropped: counting starts with the ack.
Failure open_connector(uint32_t receive_buffer, int timeout_ms, Connector& out);

// Asks for events (kProcCnMcastListen) or ends them (kProcCnMcastIgnore). Returns 0 or an errno. To
// the kernel alone: sent to the group, it would reach every listener on the host, and its first
// word equals PROC_EVENT_FORK.
int send_operation(int fd, uint32_t operation, uint32_t ack);

// Asks for these kinds only, as a mask of PROC_EVENT_*: a filter of the kernel, from Linux 6.6 on;
// before, the kernel ignores a request of that length. There is no ack: the filter leaves it out.
// The numbers of what it leaves out are used up all the same. Returns 0 or an errno.
int send_filter(int fd, uint32_t event_types);

// SK_MEMINFO of a socket. False where the kernel cannot tell.
struct SocketMemory {
  uint32_t queued = 0;    // bytes
  uint32_t capacity = 0;  // bytes
  uint32_t drops = 0;     // messages refused because the queue was full; wraps
};
bool socket_memory(int fd, SocketMemory& out);

}  // namespace procevents
