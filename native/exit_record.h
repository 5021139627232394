// Stage: parse. Bytes of one taskstats datagram in; the exit record of one task out. Pure: no I/O,
// no state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace procevents {

struct ExitRecord {
  uint32_t tid;
  uint32_t tgid;       // 0: not told (before v12, unless it ended as the last of several)
  uint32_t uid;        // real
  uint32_t comm[4];    // the task's own, zeroed after the first NUL
  uint32_t exit_code;  // a wait status; before v12 of a leader only, else 0
  bool group_dead;     // it was the last task of its process
  bool has_group;      // group_dead is known
  // CPU time of the task alone, by the timer's ticks: 0 for most of what is short-lived, a whole
  // tick for some, and right in the sum. The scheduler's clock is in the struct too
  // (cpu_run_virtual_total), but as of the last switch or tick: of a thousand /bin/true it tells a
  // fifth of what the ticks tell.
  uint64_t user_us;
  uint64_t system_us;
};

enum class ExitParse : uint8_t {
  kRecord,
  kOther,   // an ack, an answer: nothing that tells of a task
  kBroken,  // a length or the layout cannot be trusted
};

// The caller has checked the sender.
ExitParse parse_exit_record(const uint8_t* data, size_t size, ExitRecord& out);

}  // namespace procevents
