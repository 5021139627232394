// Stage: exit records. The taskstats socket in; who one task was and what CPU time it had used out.
// The kernel sends the record before the connector's EXIT of the same task, so: connector first,
// then drain(), then take().
#pragma once

#include <cstdint>
#include <memory>

#include "exit_record.h"
#include "recent_table.h"

namespace procevents {

// Belongs to one thread at a time: made on the one that starts, all else on the collector's.
class ExitRecords {
 public:
  // Datagrams a drain(). More does not make a record cheaper.
  static constexpr int kBatch = 64;

  // Owns the socket of open_exit_records(), or any other that gives such datagrams.
  explicit ExitRecords(int fd);
  ~ExitRecords();
  ExitRecords(const ExitRecords&) = delete;
  ExitRecords& operator=(const ExitRecords&) = delete;

  int fd() const { return fd_; }

  // One recvmmsg. Returns true when the queue was empty at its end. Bounded so, because what is
  // drained far ahead of the connector makes tids ambiguous: after a batch of events, look first,
  // and drain only while the record that is looked for is missing.
  bool drain();

  // The oldest record of this tid that can belong to an EXIT now: both come in the same order, so
  // with two lives of a tid drained it is the first EXIT's. It goes.
  bool take(uint32_t tid, ExitRecord& out);

  // Where a thread executes a program, the kernel gives it the leader's tid, and the old leader the
  // thread's: between the leader's record and its EXIT, which then carries a tid that no record
  // has. The oldest record of the leader's tid that was not the last of its process is that
  // leader's. It goes, lest the new leader's EXIT takes it.
  bool take_swapped_leader(uint32_t tgid, ExitRecord& out);

  // FORK handed this tid out: what is kept of its earlier life is stale. Records of the new life
  // may have been drained already and stay.
  void forget(uint32_t tid);

  // Records that the socket had no room for, that could not be read, or that had to go before an
  // EXIT asked for them. As of the last drain().
  uint64_t lost() const { return lost_; }

 private:
  struct Batch;
  template <class Fits>
  bool take_oldest(uint32_t tid, ExitRecord& out, Fits fits);
  void take_datagram(int index);
  void count_drops();

  int fd_;
  bool netlink_ = false;  // senders are known, so they are checked
  uint16_t family_ = 0;   // as seen in the records
  std::unique_ptr<Batch> batch_;
  RecentTable<ExitRecord> records_;
  uint64_t newest_taken_ = 0;  // position in records_
  uint64_t lost_ = 0;
  uint32_t drops_seen_ = 0;
};

}  // namespace procevents
