// Stage: join. What the witnesses have told and nobody has asked for yet, by pid: bounded, and
// without an allocation after it is made. One thread.
//
//   slots, in order of arrival (position & mask), overwritten round and round:
//     | 8: pid 70 | 9: free | 10: pid 70 | 11: pid 31 | 4: pid 12 (the next to go) | ...
//   heads, by hash of the pid: slot of the newest arrival, each entry links to the one before it
#pragma once

#include <cstdint>
#include <memory>

namespace procevents {

template <class Value>
class RecentTable {
 public:
  // `capacity` is a power of two: an entry waits for that many arrivals, then it has to go.
  explicit RecentTable(uint32_t capacity)
      : capacity_(capacity), slots_(new Slot[capacity]()), heads_(new uint32_t[capacity]()) {}

  // Returns the position that the entry got; positions begin at 1 and never come again.
  // `pushed_out` is the position of an entry that had to go for it, or 0.
  uint64_t add(uint32_t pid, const Value& value, uint64_t& pushed_out) {
    const uint64_t position = ++arrivals_;
    Slot& slot = slots_[position & (capacity_ - 1)];
    pushed_out = slot.position;
    if (slot.position != 0) {
      unlink(slot);
      --size_;
    }
    uint32_t& first = head(pid);
    slot = {position, first, pid, value};
    first = index(slot) + 1;
    ++size_;
    return position;
  }

  // Shows every entry of `pid` to `drop`, the latest arrival first; those for which it returns true
  // go. drop(uint64_t position, const Value&) -> bool
  template <class Drop>
  void sweep(uint32_t pid, Drop drop) {
    uint32_t* link = &head(pid);
    while (*link != 0) {
      Slot& slot = slots_[*link - 1];
      if (slot.pid == pid && drop(slot.position, static_cast<const Value&>(slot.value))) {
        *link = slot.next;
        slot.position = 0;
        --size_;
      } else {
        link = &slot.next;
      }
    }
  }

  uint32_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t position = 0;  // 0: free
    uint32_t next = 0;      // slot + 1; 0: none
    uint32_t pid = 0;
    Value value{};
  };

  uint32_t index(const Slot& slot) const { return static_cast<uint32_t>(&slot - slots_.get()); }

  // Pids are handed out one after another: the low bits alone spread them perfectly.
  uint32_t& head(uint32_t pid) { return heads_[pid & (capacity_ - 1)]; }

  void unlink(Slot& slot) {
    uint32_t* link = &head(slot.pid);
    while (*link != index(slot) + 1) link = &slots_[*link - 1].next;
    *link = slot.next;
  }

  const uint32_t capacity_;
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<uint32_t[]> heads_;
  uint64_t arrivals_ = 0;
  uint32_t size_ = 0;
};

}  // namespace procevents
