// sources: native/storm_seconds.cc
// Every second counts once and every process counts in one, whatever the order and the gaps of the
// times; storms begin after ten quiet seconds and end after ten.
#include "../storm_seconds.h"

#include <numeric>

#include "check.h"

using namespace procevents;

namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint32_t kThreshold = 100;

uint64_t observed(const StormSeconds& s) {
  return std::accumulate(std::begin(s.buckets()), std::end(s.buckets()), uint64_t{0});
}

// `count` processes in that second, over the whole of it.
void create(StormSeconds& s, uint64_t second, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) s.count(second * kSecond + i * kSecond / count);
}

void a_second_closes_one_second_after_its_end() {
  StormSeconds s(kThreshold, 5 * kSecond + 700);
  create(s, 5, 3);
  CHECK(!s.close(7 * kSecond - 1));
  CHECK(observed(s) == 0);
  CHECK(s.close(7 * kSecond));
  CHECK(!s.close(7 * kSecond));
  CHECK(observed(s) == 1 && s.sum() == 3 && s.end() == 6);
  CHECK(s.buckets()[2] == 1);  // 3 is above 2 and not above 5
}

void the_newest_event_closes_when_the_queue_is_never_empty() {
  StormSeconds s(kThreshold, 5 * kSecond);
  create(s, 5, 3);
  create(s, 6, 4);
  s.count(7 * kSecond);
  CHECK(s.close(0));
  CHECK(observed(s) == 1 && s.sum() == 3);
}

void seconds_with_nothing_count_however_many() {
  StormSeconds s(kThreshold, 0);
  create(s, 0, 1);
  CHECK(s.close(10'000'000'002 * kSecond + 1));
  CHECK(observed(s) == 10'000'000'001);
  CHECK(s.buckets()[0] == 10'000'000'001 && s.sum() == 1);
  CHECK(s.end() == 10'000'000'001);
}

void a_time_that_comes_late_counts_in_its_second_while_that_is_open() {
  StormSeconds s(1, 5 * kSecond);
  s.count(5 * kSecond);
  s.count(6 * kSecond);
  s.count(6 * kSecond - 1);
  s.count(6 * kSecond + 1);
  CHECK(s.close(7 * kSecond));
  CHECK(s.storm().last == 5 && s.storm().peak == 2);
}

void a_time_whose_second_is_closed_counts_in_the_oldest_open_one() {
  StormSeconds s(kThreshold, 50 * kSecond);
  s.count(3 * kSecond);  // another time namespace
  s.count(60 * kSecond);
  s.count(3 * kSecond);
  s.close(61 * kSecond);
  CHECK(observed(s) == 10 && s.sum() == 2);
  s.close(62 * kSecond);
  CHECK(observed(s) == 11 && s.sum() == 3);
}

void the_bounds_belong_to_their_buckets() {
  for (size_t i = 0; i + 1 < kSecondBuckets; ++i) {
    StormSeconds s(1'000'000, 0);
    create(s, 0, kSecondBounds[i]);
    create(s, 1, kSecondBounds[i] + 1);
    s.close(3 * kSecond);
    CHECK(s.buckets()[i] == 1 && s.buckets()[i + 1] == 1);
  }
}

void a_second_at_the_threshold_is_a_storm_second_and_one_below_is_not() {
  StormSeconds s(kThreshold, 0);
  create(s, 0, kThreshold - 1);
  create(s, 1, kThreshold);
  s.close(3 * kSecond);
  CHECK(s.storms() == 1 && s.storm_seconds() == 1);
  CHECK(s.storm().first == 1 && s.storm().last == 1 && s.storm().open);
  CHECK(s.storm().created == kThreshold && s.storm().peak == kThreshold);
}

void nine_quiet_seconds_do_not_end_a_storm_and_ten_do() {
  StormSeconds s(kThreshold, 0);
  create(s, 1, 150);
  create(s, 5, 7);  // between, so part of it
  create(s, 11, 120);
  s.close(13 * kSecond);
  CHECK(s.storms() == 1 && s.storm_seconds() == 2 && s.storm().seconds == 2);
  CHECK(s.storm().first == 1 && s.storm().last == 11 && s.storm().open);
  CHECK(s.storm().peak == 150 && s.storm().created == 277);
  create(s, 15, 9);  // after it, so not
  s.close((11 + 9 + 2) * kSecond);
  CHECK(s.storm().open);
  s.close((11 + 10 + 2) * kSecond);
  CHECK(!s.storm().open && s.storm().created == 277 && s.storm().last == 11);
  create(s, 22, 101);
  s.close(24 * kSecond);
  CHECK(s.storms() == 2 && s.storm_seconds() == 3);
  CHECK(s.storm().first == 22 && s.storm().created == 101 && s.storm().seconds == 1);
}

void a_storm_ends_in_a_long_silence() {
  StormSeconds s(kThreshold, 0);
  create(s, 1, 150);
  s.close(3 * kSecond);
  CHECK(s.storm().open);
  s.close(3'000 * kSecond);
  CHECK(!s.storm().open && s.storm().last == 1);
}

// Against a map of all seconds, with random times: some late, some far ahead.
void sums_are_conserved() {
  uint64_t seed = 88172645463325252;
  const auto random = [&seed](uint64_t below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed % below;
  };
  for (int round = 0; round < 200; ++round) {
    const uint64_t start = (10 + random(100)) * kSecond + random(kSecond);
    StormSeconds s(10, start);
    uint64_t now = start, created = 0;
    for (int i = 0; i < 2'000; ++i) {
      now += random(50) == 0 ? random(30 * kSecond) : random(kSecond / 5);
      s.count(now - random(2) * random(3 * kSecond));
      ++created;
      if (random(10) == 0) s.close(now - random(kSecond));
    }
    s.close(now + 2 * kSecond);
    CHECK(s.sum() == created);
    CHECK(observed(s) == s.end() - start / kSecond);
  }
}

}  // namespace

int main() {
  a_second_closes_one_second_after_its_end();
  the_newest_event_closes_when_the_queue_is_never_empty();
  seconds_with_nothing_count_however_many();
  a_time_that_comes_late_counts_in_its_second_while_that_is_open();
  a_time_whose_second_is_closed_counts_in_the_oldest_open_one();
  the_bounds_belong_to_their_buckets();
  a_second_at_the_threshold_is_a_storm_second_and_one_below_is_not();
  nine_quiet_seconds_do_not_end_a_storm_and_ten_do();
  a_storm_ends_in_a_long_silence();
  sums_are_conserved();
}
