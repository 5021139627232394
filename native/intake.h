// Stage: intake. One recvmmsg of datagrams in; parsed, checked, joined with what the other
// witnesses say, they go into the ring as records. Counts everything. The collector thread's alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec_names.h"
#include "exit_records.h"
#include "ledger.h"
#include "parse.h"
#include "ring.h"
#include "storm_seconds.h"
#include "untold.h"

namespace procevents {

class Intake {
 public:
  // Datagrams a recvmmsg call: past 250 the call's own cost no longer shows.
  static constexpr int kBatch = 256;

  struct Sources {
    int fd = -1;                                // datagrams of the connector; not owned
    int procfs = -1;                            // directory descriptor; not owned
    std::unique_ptr<ExecNames> exec_names;      // or none
    std::unique_ptr<ExitRecords> exit_records;  // or none
  };

  // What the consumer wants, where that is not what the daemon wants.
  struct Wants {
    bool whole = false;     // kUnknown and kGap too
    bool filtered = false;  // the kernel leaves out some kinds: their numbers are no losses
    bool nameless = false;  // no names of execs from /proc
  };

  // `seconds` is told of every process that is created; it outlives the intake.
  Intake(Sources sources, Wants wants, Ring& ring, StormSeconds& seconds);
  ~Intake();

  // False when the source is no socket that can tell of its queue; errno is set.
  bool open();

  // Takes at most kBatch datagrams. Returns how many came, or a negative errno.
  int receive();

  // Takes exit records that no EXIT asks for (the connector lost those), so that their queue does
  // not fill.
  void drain_exit_records();

  // More was dropped than gaps in the numbers show yet: the messages behind the last gap have not
  // come.
  bool tail_is_unknown() const;

  // Before all CPUs are asked for a message, and when the queue is empty after that: if nothing was
  // dropped in between, all of them have come, and what still shows no gap stood before a CPU's
  // first.
  void mark_tail();
  void close_tail();

  // Tells of losses that the ring had no room for, if it has now. The gap has to be known before
  // anything behind it is used.
  bool tell_losses() { return untold_.tell(ring_); }
  bool owes_losses() const { return untold_.any(); }

  // The queues of the connector and of taskstats, in bytes, as of now.
  uint64_t queued() const;
  uint64_t queued_exit_records() const;

  uint64_t events() const { return events_; }  // ever taken
  uint64_t taken() const { return taken_; }    // datagrams, likewise
  uint64_t (&figures())[kFigures] { return value_; }

 private:
  int without_end(int received);

  struct Batch;
  // Before the record of this index messages of a CPU are missing; at most one for each message.
  struct Gap {
    int before;
    Record record;
  };
  void take_datagram(int index);
  void note_gap(const Message& message, uint32_t count);
  void note_loss();
  void push_gap(Record& gap);
  void join();
  void name_exec(int index);
  bool superseded(int index) const;
  void add_exit_record(Record& exit);
  void push(const Record& record);

  Sources sources_;
  const Wants wants_;
  Ring& ring_;
  StormSeconds& seconds_;
  std::unique_ptr<Batch> batch_;
  std::vector<Gap> gaps_;  // of the batch
  Ledger ledger_;
  uint64_t value_[kFigures] = {};
  bool netlink_ = false;    // senders are known, so they are checked
  bool sequenced_ = false;  // SOCK_SEQPACKET: a connection, which can end
  bool hung_up_ = false;    // ...and has
  uint64_t proven_at_probe_ = 0;
  uint64_t unnumbered_ = 0;      // drops that no gap will ever show
  uint32_t drops_seen_ = 0;      // the socket's drop counter, as last read
  uint64_t drops_unplaced_ = 0;  // drops that no kGap has told of yet
  bool overrun_ = false;         // the last pass saw the drop counter grow
  Untold untold_;                // what the ring had no room for
  uint64_t taken_ = 0;
  uint64_t events_ = 0;
};

}  // namespace procevents
