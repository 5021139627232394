#include "collector.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "exec_name.h"
#include "kernel.h"
#include "parse.h"

namespace procevents {
namespace {

// Datagrams a recvmmsg call: past 250 the call's own cost no longer shows.
constexpr int kBatch = 256;
// Bytes a datagram: the kernel sends one 76-byte message; room for eight, should it ever pack them.
constexpr size_t kDatagram = 640;
constexpr size_t kRecords = kBatch * (kDatagram / 76);
// An idle thread still passes once a second, so that a dead one can be told from an idle one.
constexpr uint64_t kHeartbeatNs = 1'000'000'000;
// The rate is judged over windows of at least this length...
constexpr uint64_t kRateWindowNs = 2'000'000;
// ...and events gather from this many a second on. Below, each exec is named at once, while its
// process may still live.
constexpr uint64_t kBusyRate = 12'000;
// Half of the queue must outlast the gathering at this rate (events a second, above what the kernel
// sends on two CPUs).
constexpr uint64_t kWorstRate = 1'000'000;
// Receive buffer that one event takes at least, for bounds; 832 bytes were measured.
constexpr uint64_t kLeastEventBytes = 512;
// 256 KiB: the thread keeps its batch on the heap and calls nothing deep.
constexpr size_t kStack = 256 * 1024;

uint64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

timespec to_timespec(uint64_t ns) {
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

}  // namespace

struct Collector::Batch {
  mmsghdr header[kBatch];
  iovec vector[kBatch];
  sockaddr_nl sender[kBatch];
  alignas(8) uint8_t data[kBatch][kDatagram];
  Record record[kRecords];
  int records = 0;
  int exec[kRecords];  // indices of the EXEC records in `record`
  int execs = 0;
};

Collector::Collector(CollectorOptions options) : options_(std::move(options)) {}

Collector::~Collector() {
  // A thread that did not stop keeps using *this: the owner then never destroys it (see stop()).
  stop();
}

Failure Collector::start() {
  const size_t bytes = memory_bytes();
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {"PROCEVENTS_COLLECTOR_START", errno};
  memory_ = std::shared_ptr<void>(memory, [bytes](void* p) { munmap(p, bytes); });
  ring_ = std::make_unique<Ring>(memory, options_.ring_slots);
  batch_ = std::make_unique<Batch>();
  control_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (control_ < 0) return {"PROCEVENTS_COLLECTOR_START", errno};

  int domain = 0;
  socklen_t domain_size = sizeof domain;
  if (getsockopt(options_.fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) != 0)
    return {"PROCEVENTS_COLLECTOR_START", errno};
  netlink_ = domain == AF_NETLINK;
  SocketMemory memory_info;
  if (!socket_memory(options_.fd, memory_info)) return {"PROCEVENTS_COLLECTOR_START", errno};
  value_[kFigureReceiveBuffer] = memory_info.capacity;
  const uint64_t half = memory_info.capacity / 2 / kLeastEventBytes;
  gather_ns_ = std::min(options_.gather_ns, half * 1'000'000'000 / kWorstRate);
  value_[kFigureLastPass] = now_ns();
  figures_.publish(value_);

  // The thread inherits a full signal mask: every signal is handled by Node's threads.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  const int error = pthread_create(&thread_, &attributes, &Collector::entry, this);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  if (error != 0) return {"PROCEVENTS_COLLECTOR_START", error};
  pthread_setname_np(thread_, "collector");
  started_ = true;
  return {};
}

bool Collector::stop() {
  if (started_) {
    stop_.store(true, std::memory_order_release);
    const uint64_t one = 1;
    (void)!write(control_, &one, sizeof one);
    timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 1;
    if (pthread_timedjoin_np(thread_, nullptr, &deadline) != 0) return false;
    started_ = false;
  }
  if (options_.fd >= 0) {
    if (options_.listening) send_operation(options_.fd, kProcCnMcastIgnore, 0);
    close(options_.fd);
    options_.fd = -1;
  }
  if (options_.procfs >= 0) close(options_.procfs);
  options_.procfs = -1;
  if (control_ >= 0) close(control_);
  control_ = -1;
  return true;
}

uint32_t Collector::request_cut() {
  const uint32_t number = cut_wanted_.fetch_add(1, std::memory_order_release) + 1;
  const uint64_t one = 1;
  (void)!write(control_, &one, sizeof one);
  return number;
}

void* Collector::entry(void* self) {
  static_cast<Collector*>(self)->run();
  return nullptr;
}

void Collector::run() {
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) {
    b.vector[i] = {b.data[i], kDatagram};
    b.header[i].msg_hdr = {};
    b.header[i].msg_hdr.msg_iov = &b.vector[i];
    b.header[i].msg_hdr.msg_iovlen = 1;
    b.header[i].msg_hdr.msg_name = &b.sender[i];
  }
  rate_since_ = now_ns();
  bool empty = true;
  while (!stop_.load(std::memory_order_acquire)) {
    if (empty) wait();
    begin_cut();
    const int received = receive();
    if (received < 0) {
      value_[kFigureErrno] = static_cast<uint64_t>(-received);
      break;
    }
    empty = received < kBatch;
    publish(end_cut(empty));
  }
  value_[kFigureState] = value_[kFigureErrno] == 0 ? kStateStopped : kStateDied;
  publish(true);
}

// Quiet: sleeps until something comes. Busy: sleeps through what comes, for the gathering time, so
// that one waking serves many events. A cut request or stop ends either at once.
void Collector::wait() {
  const uint64_t now = now_ns();
  if (now - rate_since_ >= kRateWindowNs) {
    busy_ = rate_events_ * 1'000'000'000 / (now - rate_since_) >= kBusyRate;
    rate_since_ = now;
    rate_events_ = 0;
  }
  pollfd p[2] = {{control_, POLLIN, 0}, {options_.fd, POLLIN, 0}};
  if (busy_ && gather_ns_ > 0) {
    const timespec gather = to_timespec(gather_ns_);
    ppoll(p, 1, &gather, nullptr);
  } else {
    const timespec heartbeat = to_timespec(kHeartbeatNs);
    ppoll(p, 2, &heartbeat, nullptr);
  }
  if (p[0].revents != 0) {
    uint64_t count;
    (void)!read(control_, &count, sizeof count);
  }
}

// Takes on a new request. What the kernel had queued when the request was made carries an earlier
// time stamp than now and stands before everything that is queued from now on.
void Collector::begin_cut() {
  const uint32_t wanted = cut_wanted_.load(std::memory_order_acquire);
  if (cut_ == wanted || cut_ != static_cast<uint32_t>(value_[kFigureCutDone])) return;
  cut_ = wanted;
  cut_time_ = now_ns();
  SocketMemory memory;
  if (socket_memory(options_.fd, memory)) value_[kFigureReceiveUsed] = memory.queued;
  cut_budget_ = value_[kFigureReceiveBuffer] / kLeastEventBytes + kBatch;
}

// The cut is complete when the queue was empty, or an event younger than the request has come: the
// queue is first in, first out. Under a storm "empty" never comes. The budget serves sources whose
// time stamps do not move.
bool Collector::end_cut(bool empty) {
  if (cut_ == static_cast<uint32_t>(value_[kFigureCutDone])) return false;
  if (!empty && newest_ <= cut_time_ && cut_budget_ > 0) return false;
  value_[kFigureCutDone] = cut_;
  return true;
}

// One recvmmsg and all that follows from it. Returns how many datagrams came, or a negative errno.
int Collector::receive() {
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) b.header[i].msg_hdr.msg_namelen = sizeof b.sender[i];
  int received;
  do {
    received = recvmmsg(options_.fd, b.header, kBatch, MSG_DONTWAIT, nullptr);
    // ENOBUFS tells that something was dropped; the drop counter tells how much.
  } while (received < 0 && (errno == EINTR || errno == ENOBUFS));
  if (received < 0) {
    if (errno != EAGAIN) return -errno;
    received = 0;
  }
  b.records = b.execs = 0;
  for (int i = 0; i < received; ++i) take_datagram(i);
  note_loss();
  name_execs();
  for (int i = 0; i < b.records; ++i) push(b.record[i]);
  rate_events_ += static_cast<uint64_t>(b.records);
  const uint64_t taken = static_cast<uint64_t>(received);
  cut_budget_ -= std::min(cut_budget_, taken);
  return received;
}

void Collector::take_datagram(int index) {
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
    if (message.has_seq) ledger_.see(message.cpu, message.seq);
    if (message.type == Message::kRejected) {
      ++value_[figure(kFigureRejected, message.reject)];
    } else if (message.type == Message::kEvent) {
      const Record& r = b.record[b.records] = message.record;
      ++value_[figure(kFigureEvents, r.kind())];
      newest_ = std::max(newest_, r.time());
      if (r.kind() == kExec) b.exec[b.execs++] = b.records;
      ++b.records;
    }
  }
}

// Read after the batch: an event that was queued behind a drop is in this batch only if the drop is
// in the counter by now. So the record of the loss goes before the batch, and nothing that follows
// a loss is taken for verified.
void Collector::note_loss() {
  SocketMemory memory;
  uint32_t dropped = 0;
  if (socket_memory(options_.fd, memory)) {
    dropped = memory.drops - drops_seen_;
    drops_seen_ = memory.drops;
  }
  if (dropped > 0 && !overrun_) ++value_[kFigureOverruns];
  overrun_ = dropped > 0;
  value_[kFigureLostSocket] += dropped;
  // A gap shows only with the CPU's next message, a drop at once. Gaps beyond the drops were never
  // queued at all.
  const uint64_t proven = value_[kFigureLostSocket] + value_[kFigureLostKernel];
  const uint64_t unqueued = ledger_.gaps() > proven ? ledger_.gaps() - proven : 0;
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

// Reads the name of each exec, unless something in the same batch says that /proc no longer shows
// this exec's name. Wrong is worse than unknown.
void Collector::name_execs() {
  Batch& b = *batch_;
  for (int e = 0; e < b.execs; ++e) {
    Record& exec = b.record[b.exec[e]];
    const uint32_t tgid = exec.word[kWordTgid];
    bool superseded = false;
    for (int i = b.exec[e] + 1; i < b.records && !superseded; ++i) {
      const Record& later = b.record[i];
      const Kind kind = later.kind();
      superseded = later.word[kWordTgid] == tgid && later.word[kWordPid] == tgid &&
                   (kind == kExec || kind == kComm || kind == kFork);
    }
    uint32_t comm[4];
    if (superseded || !read_comm(options_.procfs, tgid, comm)) continue;
    memcpy(&exec.word[kWordComm], comm, sizeof comm);
    exec.word[kWordHead] |= kFlagNamed << 8;
  }
}

void Collector::push(const Record& record) {
  if (shed_pending_ > 0) {
    // The gap has to be known before anything behind it is used.
    Record lost{};
    lost.set_head(kLost, kLostInRing, 0);
    lost.word[kWordLostCount] =
        static_cast<uint32_t>(std::min<uint64_t>(shed_pending_, UINT32_MAX));
    if (ring_->push(lost)) shed_pending_ = 0;
  }
  if (shed_pending_ == 0 && ring_->push(record)) return;
  ++shed_pending_;
  if (record.kind() < kEventKinds) ++value_[figure(kFigureShed, record.kind())];
}

// Figures first: they name the ring position that they belong to, and a reader of figures takes
// records up to there.
void Collector::publish(bool wake) {
  value_[kFigureLastPass] = now_ns();
  value_[kFigureRingPosition] = ring_->position();
  figures_.publish(value_);
  wake |= ring_->publish();
  // The consumer comes back every 20 ms; a ring that fills faster calls it.
  const bool filling = ring_->used() > ring_->slots() / 2;
  wake |= filling && !poked_;
  poked_ = filling;
  if (wake) options_.wake();
}

}  // namespace procevents
