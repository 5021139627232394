// What the tests of perf's names share: a builder of ring records, and a mapped ring that the test
// writes in the kernel's place.
#pragma once

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "check.h"

// A COMM record as the kernel packs it: the name zero-padded to eight bytes, the time last.
inline std::vector<uint8_t> comm_record(uint32_t tgid, const std::string& name, uint64_t time,
                                        uint16_t misc = PERF_RECORD_MISC_COMM_EXEC) {
  std::vector<uint8_t> out(16 + (name.size() + 8) / 8 * 8 + 8);
  const perf_event_header header{PERF_RECORD_COMM, misc, static_cast<uint16_t>(out.size())};
  memcpy(&out[0], &header, 8);
  memcpy(&out[8], &tgid, 4);
  memcpy(&out[12], &tgid, 4);
  memcpy(&out[16], name.data(), name.size());
  memcpy(&out[out.size() - 8], &time, 8);
  return out;
}

inline std::vector<uint8_t> lost_record(uint64_t lost, uint64_t time) {
  std::vector<uint8_t> out(32);
  const perf_event_header header{PERF_RECORD_LOST, 0, 32};
  memcpy(&out[0], &header, 8);
  memcpy(&out[16], &lost, 8);
  memcpy(&out[24], &time, 8);
  return out;
}

// The other side of a ring, over a memory file whose descriptor stands for the event's.
class FakeRing {
 public:
  static constexpr uint64_t kData = 512 * 1024;

  // `start`: where head and tail begin.
  explicit FakeRing(uint64_t start = 0) {
    page_bytes_ = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    fd = memfd_create("ring", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, static_cast<off_t>(page_bytes_ + kData)) == 0);
    void* memory = mmap(nullptr, page_bytes_ + kData, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(memory != MAP_FAILED);
    page_ = static_cast<perf_event_mmap_page*>(memory);
    data_ = static_cast<uint8_t*>(memory) + page_bytes_;
    page_->data_head = page_->data_tail = start;
  }
  ~FakeRing() { munmap(page_, page_bytes_ + kData); }
  FakeRing(const FakeRing&) = delete;

  uint64_t tail() const {
    return std::atomic_ref<__u64>(page_->data_tail).load(std::memory_order_acquire);
  }

  // False, as in the kernel, when there is no room.
  bool put(const std::vector<uint8_t>& record) {
    const uint64_t head = page_->data_head;
    if (head + record.size() - tail() > kData) return false;
    for (size_t i = 0; i < record.size(); ++i) data_[(head + i) % kData] = record[i];
    std::atomic_ref<__u64>(page_->data_head).store(head + record.size(), std::memory_order_release);
    return true;
  }

  int fd;

 private:
  uint64_t page_bytes_;
  perf_event_mmap_page* page_;
  uint8_t* data_;
};
