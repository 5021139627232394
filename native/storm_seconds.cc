#include "storm_seconds.h"

#include <algorithm>
#include <iterator>

namespace procevents {

void StormSeconds::advance(uint64_t time) {
  const uint64_t second = time / kSecond;
  if (second <= second_) return;
  if (has_previous_) close_one(second_ - 1, previous_);
  if (second == second_ + 1) {
    previous_ = current_;
  } else {
    close_one(second_, current_);
    // However many, in one step: a process that was stopped for a day has not much to do.
    close_empty(second - 2 - second_);
    previous_ = 0;
  }
  current_ = 0;
  has_previous_ = true;
  second_ = second;
  begin_ = second * kSecond;
}

void StormSeconds::close_one(uint64_t second, uint64_t count) {
  const auto* bound = std::lower_bound(std::begin(kSecondBounds), std::end(kSecondBounds), count);
  ++bucket_[bound - kSecondBounds];
  sum_ += count;
  closed_ = true;
  end_ = second + 1;
  if (count < threshold_) {
    since_ += count;
    quiet(second);
    return;
  }
  ++storm_seconds_;
  if (storms_ == 0 || second - storm_.last > kQuietSeconds) {
    ++storms_;
    storm_ = {.first = second};
    since_ = 0;
  }
  storm_.last = second;
  ++storm_.seconds;
  storm_.peak = std::max(storm_.peak, count);
  storm_.created += since_ + count;
  storm_.open = true;
  since_ = 0;
}

void StormSeconds::close_empty(uint64_t seconds) {
  if (seconds == 0) return;
  bucket_[0] += seconds;
  end_ += seconds;
  quiet(end_ - 1);
}

void StormSeconds::quiet(uint64_t second) {
  if (storm_.open && second - storm_.last >= kQuietSeconds) storm_.open = false;
}

}  // namespace procevents
