#include "intake.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "connector.h"
#include "exec_name.h"
#include "kernel.h"

namespace procevents {
namespace {

// Bytes a datagram: the kernel sends one 76-byte message; room for eight, should it ever pack them.
constexpr size_t kDatagram = 640;
// Receive buffer that a batch of exit records takes at least, for bounds; 1,280 bytes a record were
// measured.
constexpr uint64_t kLeastBatchBytes = uint64_t{ExitRecords::kBatch} * 512;
constexpr size_t kRecords = Intake::kBatch * (kDatagram / kMessageSize);

}  // namespace

struct Intake::Batch {
  mmsghdr header[kBatch];
  iovec vector[kBatch];
  sockaddr_nl sender[kBatch];
  alignas(8) uint8_t data[kBatch][kDatagram];
  Record record[kRecords];
  int records = 0;
};

Intake::Intake(Sources sources, Wants wants, Ring& ring, StormSeconds& seconds)
    : sources_(std::move(sources)),
      wants_(wants),
      ring_(ring),
      seconds_(seconds),
      batch_(std::make_unique<Batch>()) {
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) {
    b.vector[i] = {b.data[i], kDatagram};
    b.header[i].msg_hdr = {};
    b.header[i].msg_hdr.msg_iov = &b.vector[i];
    b.header[i].msg_hdr.msg_iovlen = 1;
    b.header[i].msg_hdr.msg_name = &b.sender[i];
  }
}

Intake::~Intake() = default;

bool Intake::open() {
  int domain = 0;
  socklen_t domain_size = sizeof domain;
  if (getsockopt(sources_.fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) != 0) return false;
  netlink_ = domain == AF_NETLINK;
  int type = 0;
  socklen_t type_size = sizeof type;
  if (getsockopt(sources_.fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0) return false;
  sequenced_ = type == SOCK_SEQPACKET;
  SocketMemory memory;
  if (!socket_memory(sources_.fd, memory)) return false;
  value_[kFigureReceiveBuffer] = memory.capacity;
  if (sources_.exit_records && socket_memory(sources_.exit_records->fd(), memory))
    value_[kFigureExitBuffer] = memory.capacity;
  value_[kFigureExecNames] = sources_.exec_names != nullptr;
  return true;
}

int Intake::receive() {
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) b.header[i].msg_hdr.msg_namelen = sizeof b.sender[i];
  int received;
  do {
    received = recvmmsg(sources_.fd, b.header, kBatch, MSG_DONTWAIT, nullptr);
    // ENOBUFS tells that something was dropped; the drop counter tells how much.
  } while (received < 0 && (errno == EINTR || errno == ENOBUFS));
  if (received < 0) {
    if (errno != EAGAIN) return -errno;
    received = 0;
  }
  if (sequenced_) {
    const bool ended = hung_up_;
    received = without_end(received);
    if (ended && received == 0) return -EPIPE;
  }
  taken_ += static_cast<uint64_t>(received);
  // At the end of a burst nothing may follow that would tell.
  tell_losses();
  b.records = 0;
  gaps_.clear();
  for (int i = 0; i < received; ++i) take_datagram(i);
  note_loss();
  join();
  auto gap = gaps_.begin();
  for (int i = 0; i < b.records; ++i) {
    for (; gap != gaps_.end() && gap->before == i; ++gap) push_gap(gap->record);
    push(b.record[i]);
  }
  for (; gap != gaps_.end(); ++gap) push_gap(gap->record);
  events_ += static_cast<uint64_t>(b.records);
  return received;
}

// Behind the last datagram of a connection that has ended there are as many of length 0 as were
// asked for. A pass that finds nothing else, after the end was seen, has taken all there was.
int Intake::without_end(int received) {
  const Batch& b = *batch_;
  if (received == 0 || b.header[received - 1].msg_len > 0) return received;
  pollfd p{sources_.fd, POLLRDHUP, 0};
  hung_up_ = hung_up_ || (poll(&p, 1, 0) == 1 && (p.revents & (POLLRDHUP | POLLHUP)) != 0);
  while (hung_up_ && received > 0 && b.header[received - 1].msg_len == 0) --received;
  return received;
}

void Intake::take_datagram(int index) {
  Batch& b = *batch_;
  const msghdr& header = b.header[index].msg_hdr;
  // Any root process in this network namespace can send to the group; only the kernel's port id is
  // 0.
  if (netlink_ && (header.msg_namelen < sizeof(sockaddr_nl) || b.sender[index].nl_pid != 0)) {
    ++value_[figure(kFigureRejected, kRejectSender)];
    return;
  }
  if (header.msg_flags & MSG_TRUNC) {
    ++value_[figure(kFigureRejected, kRejectLength)];
    return;
  }
  Parser parser(b.data[index], b.header[index].msg_len);
  Message message;
  while (parser.next(message) != Message::kEnd) {
    if (message.has_seq && !wants_.filtered) {
      const uint32_t missing = ledger_.see(message.cpu, message.seq);
      if (missing > 0 && wants_.whole) note_gap(message, missing);
    }
    if (message.type == Message::kRejected) {
      ++value_[figure(kFigureRejected, message.reject)];
      if (wants_.whole && message.reject == kRejectKind) b.record[b.records++] = message.record;
    } else if (message.type == Message::kEvent) {
      const Record& r = b.record[b.records++] = message.record;
      ++value_[figure(kFigureEvents, r.kind())];
      if (r.kind() == kFork && r.word[kWordPid] == r.word[kWordTgid]) seconds_.count(r.time());
    }
  }
}

void Intake::note_gap(const Message& message, uint32_t count) {
  Gap gap{batch_->records, {}};
  gap.record.set_head(kGap, 0, message.cpu);
  gap.record.word[kWordSeq] = message.seq - count;
  gap.record.word[kWordTimeLow] = static_cast<uint32_t>(message.time_ns);
  gap.record.word[kWordTimeHigh] = static_cast<uint32_t>(message.time_ns >> 32);
  gap.record.word[kWordLostCount] = count;
  gaps_.push_back(gap);
}

// As many as the socket has dropped are taken for dropped there; numbers do not tell them apart.
void Intake::push_gap(Record& gap) {
  const uint32_t count = gap.word[kWordLostCount];
  const uint32_t dropped = static_cast<uint32_t>(std::min<uint64_t>(count, drops_unplaced_));
  drops_unplaced_ -= dropped;
  const uint32_t cpu = gap.word[kWordHead] >> 16;
  gap.word[kWordLostCount] = dropped;
  gap.set_head(kGap, kLostInSocket, cpu);
  if (dropped > 0) push(gap);
  gap.word[kWordSeq] += dropped;
  gap.word[kWordLostCount] = count - dropped;
  gap.set_head(kGap, kLostInKernel, cpu);
  if (dropped < count) push(gap);
}

// Read after the batch: an event that was queued behind a drop is in this batch only if the drop is
// in the counter by now. So the record of the loss goes before the batch, and nothing that follows
// a loss is taken for verified.
void Intake::note_loss() {
  SocketMemory memory;
  uint32_t dropped = 0;
  if (socket_memory(sources_.fd, memory)) {
    dropped = memory.drops - drops_seen_;
    drops_seen_ = memory.drops;
  }
  if (dropped > 0 && !overrun_) ++value_[kFigureOverruns];
  overrun_ = dropped > 0;
  value_[kFigureLostSocket] += dropped;
  drops_unplaced_ += dropped;
  // A gap shows only with the CPU's next message, a drop at once. Gaps beyond the drops were never
  // queued at all.
  const uint64_t proven = value_[kFigureLostSocket] + value_[kFigureLostKernel];
  const uint64_t shown = ledger_.gaps() + unnumbered_;
  const uint64_t unqueued = shown > proven ? shown - proven : 0;
  value_[kFigureLostKernel] += unqueued;

  const auto report = [this](uint64_t count, Flag where) {
    if (count == 0) return;
    Record lost{};
    lost.set_head(kLost, where, 0);
    lost.word[kWordLostCount] = static_cast<uint32_t>(std::min<uint64_t>(count, UINT32_MAX));
    push(lost);
  };
  report(dropped, kLostInSocket);
  report(unqueued, kLostInKernel);
}

bool Intake::tail_is_unknown() const {
  return value_[kFigureLostSocket] + value_[kFigureLostKernel] > ledger_.gaps() + unnumbered_;
}

void Intake::mark_tail() {
  proven_at_probe_ = value_[kFigureLostSocket] + value_[kFigureLostKernel];
}

void Intake::close_tail() {
  const uint64_t proven = value_[kFigureLostSocket] + value_[kFigureLostKernel];
  const uint64_t shown = ledger_.gaps() + unnumbered_;
  if (proven == proven_at_probe_ && proven > shown) unnumbered_ += proven - shown;
}

uint64_t Intake::queued() const {
  SocketMemory memory;
  return socket_memory(sources_.fd, memory) ? memory.queued : 0;
}

// The other witnesses speak before the connector does: what they have to say about this batch is
// there by now.
void Intake::join() {
  Batch& b = *batch_;
  if (sources_.exec_names) sources_.exec_names->drain();
  for (int i = 0; i < b.records; ++i) {
    Record& r = b.record[i];
    switch (r.kind()) {
      case kFork:
        // The pid begins another life.
        if (sources_.exit_records) sources_.exit_records->forget(r.word[kWordPid]);
        if (sources_.exec_names && r.word[kWordPid] == r.word[kWordTgid])
          sources_.exec_names->forget(r.word[kWordTgid], r.time());
        break;
      case kExec:
        name_exec(i);
        break;
      case kExit:
        if (sources_.exit_records) add_exit_record(r);
        break;
      default:
        break;
    }
  }
  if (sources_.exec_names) value_[kFigureLostExecNames] = sources_.exec_names->lost();
  if (sources_.exit_records) value_[kFigureLostExitRecords] = sources_.exit_records->lost();
}

void Intake::name_exec(int index) {
  Record& exec = batch_->record[index];
  const uint32_t tgid = exec.word[kWordTgid];
  uint32_t comm[4];
  uint32_t flag = kFlagNamed;
  if (!sources_.exec_names || !sources_.exec_names->take(tgid, exec.time(), comm)) {
    if (wants_.nameless || superseded(index) || !read_comm(sources_.procfs, tgid, comm)) return;
    flag = kFlagRead;
  }
  memcpy(&exec.word[kWordComm], comm, sizeof comm);
  exec.word[kWordHead] |= flag << 8;
}

// Whether something in the same batch says that /proc no longer shows this exec's name.
bool Intake::superseded(int index) const {
  const Batch& b = *batch_;
  const uint32_t tgid = b.record[index].word[kWordTgid];
  for (int i = index + 1; i < b.records; ++i) {
    const Record& later = b.record[i];
    const Kind kind = later.kind();
    if (later.word[kWordTgid] == tgid && later.word[kWordPid] == tgid &&
        (kind == kExec || kind == kComm || kind == kFork))
      return true;
  }
  return false;
}

void Intake::add_exit_record(Record& exit) {
  ExitRecord record{};
  ExitRecords& records = *sources_.exit_records;
  bool empty = false;
  // Drained while the record is missing and no further: far ahead of the connector, tids become
  // ambiguous.
  while (!records.take(exit.word[kWordPid], record)) {
    if (empty) break;
    empty = records.drain();
  }
  const bool leads = exit.word[kWordPid] == exit.word[kWordTgid];
  if (empty && record.tid != exit.word[kWordPid] &&
      (leads || !records.take_swapped_leader(exit.word[kWordTgid], record)))
    return;
  memcpy(&exit.word[kWordComm], record.comm, sizeof record.comm);
  exit.word[kWordExitUid] = record.uid;
  // 32 bits hold 71 minutes of CPU time in µs; beyond, the last bits go.
  const uint64_t most = std::max(record.user_us, record.system_us) >> 32;
  const uint32_t shift = static_cast<uint32_t>(std::bit_width(most));
  exit.word[kWordExitUser] = static_cast<uint32_t>(record.user_us >> shift);
  exit.word[kWordExitSystem] = static_cast<uint32_t>(record.system_us >> shift);
  const uint32_t flags = kFlagRecord | (record.has_group ? uint32_t{kFlagHasGroup} : 0) |
                         (record.group_dead ? uint32_t{kFlagGroupDead} : 0) | shift << kExitShift;
  exit.word[kWordHead] |= flags << 8;
}

uint64_t Intake::queued_exit_records() const {
  SocketMemory memory;
  if (!sources_.exit_records || !socket_memory(sources_.exit_records->fd(), memory)) return 0;
  return memory.queued;
}

void Intake::drain_exit_records() {
  if (!sources_.exit_records) return;
  // Bounded by what is queued now: under a storm, "until empty" never comes.
  uint64_t left = queued_exit_records();
  while (left > 0 && !sources_.exit_records->drain()) left -= std::min(left, kLeastBatchBytes);
  value_[kFigureLostExitRecords] = sources_.exit_records->lost();
}

void Intake::push(const Record& record) {
  if (tell_losses() && ring_.push(record)) return;
  untold_.note(record);
  const Kind kind = record.kind();
  if (kind < kEventKinds) ++value_[figure(kFigureShed, kind)];
  if (kind == kUnknown) ++value_[kFigureShedUnknown];
}

}  // namespace procevents
