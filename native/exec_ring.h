// Stage: parse. Bytes of one mapped perf ring in; the names that execs went under, and losses, out.
// Pure: no I/O, no state beyond the walk.
#pragma once

#include <cstdint>

namespace procevents {

struct RingRecord {
  enum Type : uint8_t { kExecName, kLost, kBroken, kEnd } type;
  uint32_t tgid;     // kExecName
  uint32_t comm[4];  // kExecName: zeroed after the first NUL
  uint64_t time;     // kExecName, kLost: CLOCK_MONOTONIC, ns
  uint64_t lost;     // kLost: how many records of any type found no room
};

// Walks the records between tail and head, which run freely over 64 bits. The event was opened with
// sample_id_all and sample_type TIME, so that each record ends in its time.
class RingParser {
 public:
  // `size` is a power of two.
  RingParser(const uint8_t* data, uint64_t size, uint64_t tail, uint64_t head)
      : data_(data), size_(size), at_(tail), head_(head) {}

  // Fills `out` with the next record that matters and returns its type; kEnd when none is left. A
  // length that cannot be trusted gives kBroken and ends the walk: nobody knows where the next
  // record begins.
  RingRecord::Type next(RingRecord& out);

 private:
  const uint8_t* data_;
  uint64_t size_;
  uint64_t at_;
  uint64_t head_;
};

}  // namespace procevents
