#include "untold.h"

#include <algorithm>

namespace procevents {
namespace {

constexpr uint32_t kPlaces = 2;

uint32_t saturated(uint64_t count) {
  return static_cast<uint32_t>(std::min<uint64_t>(count, UINT32_MAX));
}

}  // namespace

void Untold::note(const Record& record) {
  any_ = true;
  const uint32_t count = record.word[kWordLostCount];
  const uint32_t where = (record.word[kWordHead] >> 8) & (kPlaces - 1);
  if (record.kind() == kLost) {
    lost_[where] += count;
  } else if (record.kind() == kGap) {
    const uint32_t index = (record.word[kWordHead] >> 16) * kPlaces + where;
    if (index >= gaps_.size()) gaps_.resize(index + 1);
    Gap& gap = gaps_[index];
    if (gap.count == 0) {
      gap = {0, record.time(), record.word[kWordSeq]};
      open_.push_back(index);
    }
    gap.count += count;
  } else {
    ++events_;
  }
}

// The ring's own loss goes first, and the others behind it: nothing that follows is used before.
bool Untold::tell_all(Ring& ring) {
  if (!tell_lost(ring, events_, kLostInRing) ||
      !tell_lost(ring, lost_[kLostInSocket], kLostInSocket) ||
      !tell_lost(ring, lost_[kLostInKernel], kLostInKernel))
    return false;
  for (; !open_.empty(); open_.pop_back()) {
    const uint32_t index = open_.back();
    Gap& gap = gaps_[index];
    Record record{};
    record.set_head(kGap, static_cast<uint8_t>(index % kPlaces), index / kPlaces);
    record.word[kWordSeq] = gap.seq;
    record.word[kWordTimeLow] = static_cast<uint32_t>(gap.time);
    record.word[kWordTimeHigh] = static_cast<uint32_t>(gap.time >> 32);
    record.word[kWordLostCount] = saturated(gap.count);
    if (!ring.push(record)) return false;
    gap.count = 0;
  }
  any_ = false;
  return true;
}

bool Untold::tell_lost(Ring& ring, uint64_t& count, Flag where) {
  if (count == 0) return true;
  Record lost{};
  lost.set_head(kLost, where, 0);
  lost.word[kWordLostCount] = saturated(count);
  if (!ring.push(lost)) return false;
  count = 0;
  return true;
}

}  // namespace procevents
