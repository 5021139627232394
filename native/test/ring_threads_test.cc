// sources:
// One producer, one consumer, a ring far smaller than what passes through it: nothing is torn,
// repeated or reordered, what does not fit is refused, and a consumer that sleeps is always woken.
#include <semaphore.h>

#include <thread>

#include "../ring.h"
#include "check.h"

using namespace procevents;

namespace {

constexpr uint32_t kSlots = 64;
constexpr uint32_t kTotal = 2'000'000;

alignas(4096) uint8_t memory[Ring::bytes(kSlots)];

uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  return x;
}

std::atomic_ref<uint32_t> control(size_t index) {
  return std::atomic_ref<uint32_t>(reinterpret_cast<uint32_t*>(memory)[index]);
}

}  // namespace

int main() {
  sem_t wake;
  sem_init(&wake, 0, 0);
  Ring ring(memory, kSlots);
  uint64_t refused = 0;
  uint64_t passed_checksum = 0;

  std::thread producer([&] {
    for (uint32_t i = 0; i < kTotal;) {
      // Passes of varying length, as the collector makes them.
      for (uint32_t end = std::min(kTotal, i + 1 + mix(i) % 40); i < end; ++i) {
        Record record;
        for (uint32_t w = 0; w < kRecordWords; ++w) record.word[w] = mix(i + w);
        record.word[0] = i;
        if (ring.push(record))
          passed_checksum += record.word[15];
        else
          ++refused;
      }
      if (ring.publish()) sem_post(&wake);
    }
    Record last{};
    last.word[0] = kTotal;
    while (!ring.push(last)) std::this_thread::yield();
    if (ring.publish()) sem_post(&wake);
  });

  const auto* records = reinterpret_cast<const Record*>(memory + Ring::kControlBytes);
  uint64_t seen = 0;
  uint64_t checksum = 0;
  int64_t before = -1;
  uint32_t tail = 0;
  bool ended = false;
  while (!ended) {
    uint32_t head = control(Ring::kWordRingHead).load(std::memory_order_acquire);
    if (head == tail) {
      control(Ring::kWordRingArmed).store(1);
      if (control(Ring::kWordRingHead).load() == tail) sem_wait(&wake);
      control(Ring::kWordRingArmed).store(0);
      continue;
    }
    CHECK(head - tail <= kSlots);
    for (; tail != head; ++tail) {
      const Record& r = records[tail & (kSlots - 1)];
      const uint32_t i = r.word[0];
      CHECK(static_cast<int64_t>(i) > before);
      before = i;
      if (i == kTotal) {
        ended = true;
        continue;
      }
      for (uint32_t w = 1; w < kRecordWords; ++w) CHECK(r.word[w] == mix(i + w));
      checksum += r.word[15];
      ++seen;
    }
    control(Ring::kWordRingTail).store(tail, std::memory_order_release);
  }
  producer.join();
  CHECK(seen + refused == kTotal);
  CHECK(checksum == passed_checksum);
  CHECK(seen > 0);
}
