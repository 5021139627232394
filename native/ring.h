// Stage: ring. The only place where the collector thread and JavaScript meet.
//
//   one mapping:  | head | tail | armed | pad ...  4096 | record 0 | record 1 | ... | record
//   slots-1 |
//                   line0  line1  line2                    64 bytes each
//
//                      tail (consumer)            head (producer)
//                        v                          v
//        ... free ... | oldest | ...... unread .... | free ...
//
// head and tail run freely over 32 bits; head - tail is what is unread, never more than `slots` (a
// power of two). head is written by the producer alone, tail by the consumer alone, each on a cache
// line of its own. The producer writes records first and then head with release order; the consumer
// reads head with acquire order, then records, then writes tail with release order (JavaScript's
// Atomics are sequentially consistent, which includes both). push() does not move head: a pass
// becomes visible as a whole in publish(), so figures and records belong together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "record.h"

namespace procevents {

class Ring {
 public:
  static constexpr size_t kControlBytes = 4096;
  // Word indices inside the control page.
  static constexpr size_t kWordRingHead = 0;
  static constexpr size_t kWordRingTail = 16;
  static constexpr size_t kWordRingArmed = 32;

  static constexpr size_t bytes(uint32_t slots) {
    return kControlBytes + static_cast<size_t>(slots) * sizeof(Record);
  }

  // `memory` is zeroed, page-aligned, bytes(slots) long and outlives the ring.
  Ring(void* memory, uint32_t slots)
      : head_(word(memory, kWordRingHead)),
        tail_(word(memory, kWordRingTail)),
        armed_(word(memory, kWordRingArmed)),
        records_(reinterpret_cast<Record*>(static_cast<uint8_t*>(memory) + kControlBytes)),
        slots_(slots) {}

  // Producer. False when the ring is full; nothing waits.
  bool push(const Record& record) {
    if (next_ - tail_seen_ == slots_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (next_ - tail_seen_ == slots_) return false;
    }
    memcpy(&records_[next_ & (slots_ - 1)], &record, sizeof record);
    ++next_;
    ++position_;
    return true;
  }

  // Producer. Makes everything pushed visible. True when the consumer sleeps and has to be woken:
  // it armed the ring after it had found nothing, and whoever disarms it wakes it. Sequentially
  // consistent against the consumer's "arm, then look at head once more", so that one of the two
  // sees the other.
  bool publish() {
    if (head_.load(std::memory_order_relaxed) == next_) return false;
    head_.store(next_, std::memory_order_seq_cst);
    return armed_.load(std::memory_order_seq_cst) != 0 && armed_.exchange(0) != 0;
  }

  // Producer. Records ever pushed; the low 32 bits are what head becomes at the next publish().
  uint64_t position() const { return position_; }

  // Producer. Records pushed and not consumed yet, as of now.
  uint32_t used() const { return next_ - tail_.load(std::memory_order_acquire); }
  uint32_t slots() const { return slots_; }

 private:
  static std::atomic_ref<uint32_t> word(void* memory, size_t index) {
    return std::atomic_ref<uint32_t>(static_cast<uint32_t*>(memory)[index]);
  }

  std::atomic_ref<uint32_t> head_;
  std::atomic_ref<uint32_t> tail_;
  std::atomic_ref<uint32_t> armed_;
  Record* records_;
  uint32_t slots_;
  uint32_t next_ = 0;  // head, including what is not published yet
  uint64_t position_ = 0;
  uint32_t tail_seen_ = 0;  // the producer's copy of tail: spares a cache miss a push
};

}  // namespace procevents
