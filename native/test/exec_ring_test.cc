// sources: native/exec_ring.cc
// The walk over a perf ring takes the names of execs and the losses, and trusts no length.
#include "../exec_ring.h"

#include <random>

#include "perf_ring.h"

using namespace procevents;

namespace {

constexpr uint64_t kSize = 256;

void append(std::vector<uint8_t>& to, const std::vector<uint8_t>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// Lays the bytes into a ring of exactly kSize from `tail` on, and walks it.
std::vector<RingRecord> walk(const std::vector<uint8_t>& bytes, uint64_t tail) {
  std::vector<uint8_t> ring(kSize, 0xee);
  for (size_t i = 0; i < bytes.size(); ++i) ring[(tail + i) % kSize] = bytes[i];
  RingParser parser(ring.data(), kSize, tail, tail + bytes.size());
  std::vector<RingRecord> out;
  for (RingRecord record; parser.next(record) != RingRecord::kEnd;) {
    out.push_back(record);
    CHECK(out.size() <= bytes.size() + 1);
  }
  RingRecord end;
  CHECK(parser.next(end) == RingRecord::kEnd);
  return out;
}

std::string name_of(const RingRecord& r) {
  char text[17] = {};
  memcpy(text, r.comm, 16);
  return text;
}

void names_and_losses_are_told_apart_from_the_rest() {
  std::vector<uint8_t> bytes;
  append(bytes, comm_record(11, "renamed", 1, 0));  // an ordinary COMM: the connector tells it
  append(bytes, comm_record(12, "a", 2));
  append(bytes, lost_record(1u << 31, 3));
  append(bytes, comm_record(13, "fifteen letters", 4));
  const auto got = walk(bytes, 0);
  CHECK(got.size() == 3);
  CHECK(got[0].type == RingRecord::kExecName && got[0].tgid == 12 && got[0].time == 2);
  CHECK(name_of(got[0]) == "a" && got[0].comm[1] == 0 && got[0].comm[3] == 0);
  CHECK(got[1].type == RingRecord::kLost && got[1].lost == 1u << 31 && got[1].time == 3);
  CHECK(got[2].type == RingRecord::kExecName && name_of(got[2]) == "fifteen letters");
}

void a_record_may_stand_across_the_end_of_the_ring() {
  std::vector<uint8_t> bytes = comm_record(70, "around the end", 0x0102030405060708);
  append(bytes, lost_record(9, 10));
  // Also where the free-running positions are about to wrap.
  for (uint64_t base : {uint64_t{0}, uint64_t{0} - kSize}) {
    for (uint64_t tail = 0; tail < 2 * kSize; tail += 8) {
      const auto got = walk(bytes, base + tail);
      CHECK(got.size() == 2 && got[0].tgid == 70 && got[0].time == 0x0102030405060708);
      CHECK(name_of(got[0]) == "around the end" && got[1].lost == 9 && got[1].time == 10);
    }
  }
}

void a_name_ends_at_its_first_nul_and_after_fifteen_bytes() {
  auto bytes = comm_record(1, "abcdefghijklmno", 5);
  memcpy(&bytes[16], "ab\0hidden\0 more", 16);
  auto got = walk(bytes, 8);
  CHECK(got.size() == 1 && got[0].comm[0] == 0x6261 && got[0].comm[1] == 0 && got[0].comm[3] == 0);
  // A kernel with longer names.
  got = walk(comm_record(1, "twenty-five letters long.", 5), 8);
  CHECK(got.size() == 1 && name_of(got[0]) == "twenty-five let");
  CHECK(walk(comm_record(1, "", 5), 8).size() == 1);
}

void lengths_are_not_trusted() {
  const auto whole = comm_record(1, "name", 5);
  for (size_t size = 1; size < whole.size(); ++size) {
    const auto got = walk({whole.begin(), whole.begin() + static_cast<long>(size)}, 0);
    CHECK(got.size() == 1 && got[0].type == RingRecord::kBroken);
  }
  for (uint16_t lie : {0, 1, 7, 8, 16, 24, 31, 33, 36, 40, 256, 0xffff}) {
    for (const auto& record : {whole, lost_record(1, 2)}) {
      auto bytes = record;
      memcpy(&bytes[6], &lie, sizeof lie);
      const auto got = walk(bytes, 0);
      CHECK(!got.empty() && got[0].type == RingRecord::kBroken);
    }
  }
  // More between tail and head than the ring holds.
  std::vector<uint8_t> ring(kSize);
  RingParser parser(ring.data(), kSize, 0, kSize + 8);
  RingRecord record;
  CHECK(parser.next(record) == RingRecord::kBroken && parser.next(record) == RingRecord::kEnd);
}

void nothing_crashes_it() {
  std::mt19937 random(20261123);
  for (int round = 0; round < 200'000; ++round) {
    std::vector<uint8_t> bytes;
    for (uint32_t n = random() % 4; n > 0; --n)
      append(bytes, random() % 4 ? comm_record(random(), "name", 1) : lost_record(1, 1));
    for (uint32_t bends = random() % 4; bends > 0 && !bytes.empty(); --bends)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    if (!bytes.empty()) bytes.resize(bytes.size() - random() % bytes.size());
    walk(bytes, random());
  }
}

}  // namespace

int main() {
  names_and_losses_are_told_apart_from_the_rest();
  a_record_may_stand_across_the_end_of_the_ring();
  a_name_ends_at_its_first_nul_and_after_fifteen_bytes();
  lengths_are_not_trusted();
  nothing_crashes_it();
}
