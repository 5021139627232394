// Stage: exec names. perf's COMM records in; the name of one very exec out. The kernel writes the
// record before the connector's EXEC of the same exec, so: connector first, then drain(), then
// take().
#pragma once

#include <cstdint>
#include <vector>

#include "connector.h"
#include "recent_table.h"

namespace procevents {

// Opens one software dummy event with COMM records for each online CPU, while privileged
// (CAP_PERFMON, or perf_event_paranoid at most 0). All or nothing: {PROCEVENTS_EXEC_NAMES, errno}.
// An event follows its CPU no further than offline: a CPU that comes (back) online later has none.
Failure open_exec_names(std::vector<int>& fds);

// Belongs to one thread at a time: map() on the one that starts, all else on the collector's.
class ExecNames {
 public:
  ExecNames();
  ~ExecNames();
  ExecNames(const ExecNames&) = delete;
  ExecNames& operator=(const ExecNames&) = delete;

  // Maps a ring for each event and owns the descriptors from here on, also when it fails. Mapping
  // needs no capability while the rings fit into perf_event_mlock_kb or RLIMIT_MEMLOCK.
  Failure map(std::vector<int> fds);

  // Takes what the rings hold as of now. No system call, unless a ring was found full.
  void drain();

  // The name under which the exec went whose EXEC event carries this time: that of the newest
  // record of `tgid` no younger than it. The record and older ones of `tgid` go. False when there
  // is none, and when a lost record may stand between the two: wrong is worse than unknown.
  bool take(uint32_t tgid, uint64_t exec_time_ns, uint32_t (&comm)[4]);

  // At `time_ns` the process ended, or its pid was given to another: older records of `tgid` go.
  // Younger ones are of the pid's next life, drained ahead of the connector.
  void forget(uint32_t tgid, uint64_t time_ns);

  // Records that found no room in a ring, ordinary COMM records among them (perf does not tell them
  // apart), and names that found none in the table.
  uint64_t lost() const { return lost_; }

 private:
  struct Mapped {
    int fd;
    void* page;           // perf_event_mmap_page, the data behind it
    const uint8_t* data;  //
    uint64_t size;        // of the data, a power of two
    uint64_t tail;        // ours; data_tail in the page is for the kernel
    uint64_t newest;      // time of the last record seen
  };
  struct Name {
    uint64_t time;
    uint32_t comm[4];
  };

  int map_all(const std::vector<int>& fds, uint64_t data_bytes);
  void unmap();
  void doubt(uint64_t from, uint64_t to);

  std::vector<Mapped> rings_;
  uint64_t page_bytes_;
  RecentTable<Name> names_;
  uint64_t lost_ = 0;
  // Records may be missing between these two times; what lies between two losses is doubted too.
  uint64_t doubt_from_ = UINT64_MAX;
  uint64_t doubt_to_ = 0;
};

}  // namespace procevents
