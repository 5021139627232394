#include "exec_ring.h"

#include <linux/perf_event.h>

#include <algorithm>
#include <cstring>

namespace procevents {
namespace {

constexpr uint64_t kHeader = sizeof(perf_event_header);  // u32 type, u16 misc, u16 size
constexpr uint64_t kTime = 8;                            // sample_id, at the end of each record
constexpr uint64_t kCommAt = kHeader + 8;                // COMM: u32 pid, u32 tid, then the name
constexpr uint64_t kLostAt = kHeader + 8;                // LOST: u64 id, then u64 lost
static_assert(kHeader == 8);

// Of a name, at most what TASK_COMM_LEN leaves.
constexpr uint64_t kNameMost = 15;

}  // namespace

RingRecord::Type RingParser::next(RingRecord& out) {
  // Copies out of the ring, around its end where need be.
  const auto copy = [this](void* to, uint64_t from, uint64_t bytes) {
    const uint64_t start = from & (size_ - 1);
    const uint64_t before_end = std::min(bytes, size_ - start);
    memcpy(to, data_ + start, before_end);
    memcpy(static_cast<uint8_t*>(to) + before_end, data_, bytes - before_end);
  };
  while (at_ != head_) {
    const uint64_t left = head_ - at_;
    perf_event_header header{};
    if (left <= size_ && left >= kHeader) copy(&header, at_, kHeader);
    if (header.size < kHeader || header.size > left || header.size % 8 != 0) {
      at_ = head_;
      return out.type = RingRecord::kBroken;
    }
    const uint64_t record = at_;
    const uint64_t time_at = header.size - kTime;
    at_ += header.size;
    if (header.type == PERF_RECORD_COMM && (header.misc & PERF_RECORD_MISC_COMM_EXEC)) {
      if (header.size < kCommAt + 8 + kTime) return out.type = RingRecord::kBroken;
      char name[kNameMost + 1] = {};
      copy(name, record + kCommAt, std::min(time_at - kCommAt, kNameMost));
      memset(out.comm, 0, sizeof out.comm);
      memcpy(out.comm, name, strlen(name));
      copy(&out.tgid, record + kHeader, sizeof out.tgid);
      copy(&out.time, record + time_at, kTime);
      return out.type = RingRecord::kExecName;
    }
    if (header.type == PERF_RECORD_LOST) {
      if (header.size < kLostAt + 8 + kTime) return out.type = RingRecord::kBroken;
      copy(&out.lost, record + kLostAt, sizeof out.lost);
      copy(&out.time, record + time_at, kTime);
      return out.type = RingRecord::kLost;
    }
  }
  return out.type = RingRecord::kEnd;
}

}  // namespace procevents
