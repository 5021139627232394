// Stage: taskstats socket. Opens the kernel's feed of exit records and proves that it is alive.
// Runs on the thread that starts the daemon, while that is still privileged.
#pragma once

#include <cstdint>

#include "connector.h"

namespace procevents {

// Registers for the exits on every possible CPU. {PROCEVENTS_TASKSTATS, errno} on failure: EPERM
// without CAP_NET_ADMIN, EINVAL in another pid or user namespace, ENOENT without CONFIG_TASKSTATS.
// `granted` is the receive buffer as the kernel accounts it (twice what was asked for).
Failure open_exit_records(uint32_t receive_buffer, int& fd, uint64_t& granted);

// In another network namespace registering succeeds and nothing ever comes. So: ends a thread of
// our own and waits at most `timeout_ms` for its record. Every other record that comes meanwhile is
// thrown away: to be called before the connector listens.
bool prove_exit_records(int fd, int timeout_ms);

// Says good-bye and closes. The kernel strikes a listener off by itself when the next record finds
// its socket gone; so it does no harm that saying it takes CAP_NET_ADMIN. `family` is the number
// that the kernel gave taskstats, 0 when not known.
void close_exit_records(int fd, uint16_t family);

}  // namespace procevents
