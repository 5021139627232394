// Stage: figures. The collector thread's counts, handed over as one consistent set (a sequence
// lock).
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>

#include "record.h"

namespace procevents {

// One writer (the collector thread), any number of readers. The writer never waits. A reader that
// finds a set being written tries again, a bounded number of times: a writer that was stopped by a
// debugger in the middle of it would otherwise hang the reader.
class Figures {
 public:
  void publish(const uint64_t (&values)[kFigures]) {
    const uint32_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    // Release and acquire on the values themselves instead of fences: ThreadSanitizer does not know
    // fences.
    for (int i = 0; i < kFigures; ++i) value_[i].store(values[i], std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  bool read(double* out) const {
    for (int tries = 0; tries < 10000; ++tries) {
      const uint32_t before = version_.load(std::memory_order_acquire);
      // On a loaded CPU the writer may wait for the very one that this loop holds.
      if (tries % kTriesATurn == kTriesATurn - 1) sched_yield();
      if (before & 1) continue;
      uint64_t copy[kFigures];
      for (int i = 0; i < kFigures; ++i) copy[i] = value_[i].load(std::memory_order_acquire);
      if (version_.load(std::memory_order_relaxed) != before) continue;
      for (int i = 0; i < kFigures; ++i) out[i] = static_cast<double>(copy[i]);
      return true;
    }
    return false;
  }

 private:
  static constexpr int kTriesATurn = 64;

  std::atomic<uint32_t> version_{0};
  std::atomic<uint64_t> value_[kFigures] = {};
};

}  // namespace procevents
