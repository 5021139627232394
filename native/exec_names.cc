#include "exec_names.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "cpu_list.h"
#include "exec_ring.h"

namespace procevents {
namespace {

// Data bytes of a CPU's ring. With its control page that is what perf_event_mlock_kb (516) grants
// for each CPU by default. A record takes 40 bytes at most: 13,107 of them, which is 18 ms of a CPU
// that does nothing but rename itself (700,000/s), and 650 ms at 20,000 execs/s.
constexpr uint64_t kRingBytes = 512 * 1024;
// All rings together: locked kernel memory, so on machines of more than 32 CPUs each gets less.
constexpr uint64_t kAllRingsBytes = 16 * 1024 * 1024;
// A COMM record with a name of 15 bytes and its time.
constexpr uint64_t kLargestRecord = 40;
// Names that wait for their EXEC. They run ahead of the connector by its queue at most: 161,000
// events in 64 MiB, of which an exec storm's every third is an EXEC.
constexpr uint32_t kNames = 65536;

Failure failed(int error) { return {"PROCEVENTS_EXEC_NAMES", error}; }

int open_event(int cpu) {
  perf_event_attr attr{};
  attr.type = PERF_TYPE_SOFTWARE;
  attr.size = sizeof attr;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.sample_type = PERF_SAMPLE_TIME;
  attr.sample_id_all = 1;
  attr.comm = 1;
  attr.comm_exec = 1;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  // The dummy counts nothing anyway; perf_event_paranoid 2 and more refuses without.
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

uint64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

// The two words of the control page that the kernel and we share.
std::atomic_ref<__u64> head_of(void* page) {
  return std::atomic_ref<__u64>(static_cast<perf_event_mmap_page*>(page)->data_head);
}
std::atomic_ref<__u64> tail_of(void* page) {
  return std::atomic_ref<__u64>(static_cast<perf_event_mmap_page*>(page)->data_tail);
}

}  // namespace

Failure open_exec_names(std::vector<int>& fds) {
  std::string text;
  std::vector<int> cpus;
  if (const int error = read_cpu_list(kOnlineCpus, text)) return failed(error);
  if (!parse_cpu_list(text, cpus)) return failed(EINVAL);
  for (const int cpu : cpus) {
    const int fd = open_event(cpu);
    if (fd < 0) {
      const int error = errno;
      for (const int opened : fds) close(opened);
      fds.clear();
      return failed(error);
    }
    fds.push_back(fd);
  }
  return {};
}

ExecNames::ExecNames()
    : page_bytes_(static_cast<uint64_t>(sysconf(_SC_PAGESIZE))), names_(kNames) {}

ExecNames::~ExecNames() { unmap(); }

Failure ExecNames::map(std::vector<int> fds) {
  uint64_t bytes =
      std::min(kRingBytes, std::bit_floor(kAllRingsBytes / std::max<size_t>(1, fds.size())));
  int error;
  do {
    bytes = std::max(bytes, page_bytes_);
    error = map_all(fds, bytes);
    // Beyond perf_event_mlock_kb and RLIMIT_MEMLOCK: half as much may do, one page at least.
    bytes /= 2;
  } while (error == EPERM && bytes >= page_bytes_);
  if (error == 0) return {};
  for (const int fd : fds) close(fd);
  return failed(error);
}

int ExecNames::map_all(const std::vector<int>& fds, uint64_t data_bytes) {
  for (const int fd : fds) {
    // Writable, so that the kernel keeps what is unread and drops what is new when it is full.
    void* page = mmap(nullptr, page_bytes_ + data_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
      const int error = errno;
      for (Mapped& ring : rings_) ring.fd = -1;  // still the caller's
      unmap();
      return error;
    }
    const uint64_t head = head_of(page).load(std::memory_order_acquire);
    tail_of(page).store(head, std::memory_order_release);
    rings_.push_back(
        {fd, page, static_cast<uint8_t*>(page) + page_bytes_, data_bytes, head, now_ns()});
  }
  return 0;
}

void ExecNames::unmap() {
  for (const Mapped& ring : rings_) {
    munmap(ring.page, page_bytes_ + ring.size);
    if (ring.fd >= 0) close(ring.fd);
  }
  rings_.clear();
}

void ExecNames::drain() {
  for (Mapped& ring : rings_) {
    // Acquire: the records stand before the head that covers them.
    const uint64_t head = head_of(ring.page).load(std::memory_order_acquire);
    if (head == ring.tail) continue;
    RingParser parser(ring.data, ring.size, ring.tail, head);
    RingRecord record;
    while (parser.next(record) != RingRecord::kEnd) {
      if (record.type == RingRecord::kExecName) {
        uint64_t pushed_out;
        Name name{record.time, {}};
        memcpy(name.comm, record.comm, sizeof name.comm);
        names_.add(record.tgid, name, pushed_out);
        lost_ += pushed_out != 0;
        ring.newest = record.time;
      } else if (record.type == RingRecord::kLost) {
        lost_ += record.lost;
        doubt(ring.newest, record.time);
        ring.newest = record.time;
      } else {
        ++lost_;
        doubt(ring.newest, now_ns());
      }
    }
    // The kernel tells of a loss only with its next record on this CPU. Execs that went unrecorded
    // are asked for before that.
    if (head - ring.tail > ring.size - kLargestRecord) doubt(ring.newest, now_ns());
    ring.tail = head;
    // Release: we have read before the kernel writes over it.
    tail_of(ring.page).store(head, std::memory_order_release);
  }
}

void ExecNames::doubt(uint64_t from, uint64_t to) {
  doubt_from_ = std::min(doubt_from_, from);
  doubt_to_ = std::max(doubt_to_, to);
}

bool ExecNames::take(uint32_t tgid, uint64_t exec_time_ns, uint32_t (&comm)[4]) {
  // By time and not by arrival: a process that changes CPUs writes to several rings.
  bool found = false;
  uint64_t newest = 0;
  names_.sweep(tgid, [&](uint64_t, const Name& name) {
    if (name.time <= exec_time_ns && (!found || name.time >= newest)) {
      found = true;
      newest = name.time;
      memcpy(comm, name.comm, sizeof comm);
    }
    return false;
  });
  if (!found) return false;
  forget(tgid, newest);
  return newest >= doubt_to_ || exec_time_ns <= doubt_from_;
}

void ExecNames::forget(uint32_t tgid, uint64_t time_ns) {
  names_.sweep(tgid, [time_ns](uint64_t, const Name& name) { return name.time <= time_ns; });
}

}  // namespace procevents
