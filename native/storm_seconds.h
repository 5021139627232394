// Stage: storm seconds. Times of processes created in; how many each second of kernel time had, and
// the storms among the seconds, out. Pure: no clock, no I/O. The collector thread's alone.
//
//   watermark  the later of "all events from before are taken" and the newest event's time
//
//     closed ... | previous | current |       second S closes when the watermark reaches S + 2,
//                 ^ oldest   ^ where the      so exactly two are open, but for the very first
//                   open       watermark is
#pragma once

#include <cstddef>
#include <cstdint>

namespace procevents {

// Upper bounds of the histogram's buckets; one more has no bound. The contract's.
inline constexpr uint32_t kSecondBounds[] = {1,   2,    5,    10,   20,    50,    100,  200,
                                             500, 1000, 2000, 5000, 10000, 20000, 50000};
inline constexpr size_t kSecondBuckets = sizeof kSecondBounds / sizeof *kSecondBounds + 1;

class StormSeconds {
 public:
  // So many seconds below the threshold in a row end a storm. The contract's.
  static constexpr uint64_t kQuietSeconds = 10;

  struct Storm {
    uint64_t first = 0;    // second of kernel time
    uint64_t last = 0;     // the last over the threshold, so far
    uint64_t seconds = 0;  // over the threshold
    uint64_t peak = 0;
    uint64_t created = 0;  // from first to last, those between included
    bool open = false;     // more may follow
  };

  // A second with `threshold` processes or more is a storm second. `start`, ns: the second that it
  // falls in is the first that counts.
  StormSeconds(uint32_t threshold, uint64_t start)
      : threshold_(threshold), second_(start / kSecond), begin_(second_ * kSecond) {}

  // A process was created. A time whose second is closed (another time namespace's clock, or an
  // event that was held up for a second) counts in the oldest that is open: none is ever missing.
  void count(uint64_t time) {
    if (time - begin_ >= kSecond) [[unlikely]] {
      if (time < begin_ && has_previous_) {
        ++previous_;
        return;
      }
      advance(time);
    }
    ++current_;
  }

  // Moves the watermark. Returns whether a second has closed since the last call.
  bool close(uint64_t drained) {
    advance(drained);
    const bool closed = closed_;
    closed_ = false;
    return closed;
  }

  const uint64_t (&buckets() const)[kSecondBuckets] { return bucket_; }
  uint64_t sum() const { return sum_; }  // processes in closed seconds
  uint64_t end() const { return end_; }  // seconds before this one are closed
  uint64_t storms() const { return storms_; }
  uint64_t storm_seconds() const { return storm_seconds_; }
  const Storm& storm() const { return storm_; }  // the current one, else the last

 private:
  static constexpr uint64_t kSecond = 1'000'000'000;

  void advance(uint64_t time);
  void close_one(uint64_t second, uint64_t count);
  void close_empty(uint64_t seconds);
  void quiet(uint64_t second);

  const uint64_t threshold_;
  uint64_t second_;  // the current one
  uint64_t begin_;   // its start, ns
  uint64_t current_ = 0;
  uint64_t previous_ = 0;
  bool has_previous_ = false;  // not in the very first second
  bool closed_ = false;
  uint64_t end_ = 0;
  uint64_t bucket_[kSecondBuckets] = {};
  uint64_t sum_ = 0;
  uint64_t storms_ = 0;
  uint64_t storm_seconds_ = 0;
  Storm storm_;
  uint64_t since_ = 0;  // processes created since the storm's last second
};

}  // namespace procevents
