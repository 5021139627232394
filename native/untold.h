// Stage: untold losses. Records that found no room in the ring in; records that say what is missing
// out, as soon as there is room.
#pragma once

#include <cstdint>
#include <vector>

#include "record.h"
#include "ring.h"

namespace procevents {

// Events become a number, and so does what LOST records had to say. GAP records are kept by CPU and
// by where: of several the counts are added up, and the first one's number and time stay. So this
// is bounded by the CPUs, of which the ledger knows 8,192.
class Untold {
 public:
  bool any() const { return any_; }

  // The record has found no room.
  void note(const Record& record);

  // True when nothing is left to tell.
  bool tell(Ring& ring) { return !any_ || tell_all(ring); }

 private:
  struct Gap {
    uint64_t count;
    uint64_t time;
    uint32_t seq;
  };
  bool tell_all(Ring& ring);
  static bool tell_lost(Ring& ring, uint64_t& count, Flag where);

  bool any_ = false;
  uint64_t events_ = 0;
  uint64_t lost_[2] = {};       // by kLostInKernel, kLostInSocket
  std::vector<Gap> gaps_;       // likewise, for each CPU up to the last that had one
  std::vector<uint32_t> open_;  // which of them have something to tell
};

}  // namespace procevents
