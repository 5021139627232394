#include "collector.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "kernel.h"

namespace procevents {
namespace {

// An idle thread still passes once a second, so that a dead one can be told from an idle one.
constexpr uint64_t kHeartbeatNs = 1'000'000'000;
// The rate is judged over windows of at least this length...
constexpr uint64_t kRateWindowNs = 2'000'000;
// ...and events gather from this many a second on: below, a waking for each costs less than a
// hundredth of a CPU.
constexpr uint64_t kBusyRate = 2'000;
// Without perf's names each exec is named at once, while its process may still live, as long as
// that can be afforded.
constexpr uint64_t kBusyRateUnnamed = 12'000;
// Half of the queue must outlast the gathering at this rate (events a second, above what the kernel
// sends on two CPUs).
constexpr uint64_t kWorstRate = 1'000'000;
// Receive buffer that one event takes at least, for bounds; 832 bytes were measured.
constexpr uint64_t kLeastEventBytes = 512;
// How often a thread whose source has ended looks whether the full ring has room: the consumer
// comes back every 20 ms.
constexpr uint64_t kLastTurnNs = 20'000'000;
// 256 KiB: the thread keeps its batches on the heap and calls nothing deep.
constexpr size_t kStack = 256 * 1024;

uint64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

timespec to_timespec(uint64_t ns) {
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

void close_all(CollectorOptions& options) {
  for (int* fd : {&options.fd, &options.procfs, &options.exit_records}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  for (const int fd : options.exec_names) close(fd);
  options.exec_names.clear();
}

}  // namespace

Collector::Collector(CollectorOptions options) : options_(std::move(options)) {}

Collector::~Collector() {
  // A thread that did not end keeps using *this: the owner then never destroys it.
  stop(0);
}

Failure Collector::start() {
  const size_t bytes = memory_bytes();
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {"PROCEVENTS_COLLECTOR_START", errno};
  memory_ = std::shared_ptr<void>(memory, [bytes](void* p) { munmap(p, bytes); });
  ring_ = std::make_unique<Ring>(memory, options_.ring_slots);
  control_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (control_ < 0) return {"PROCEVENTS_COLLECTOR_START", errno};

  Intake::Sources sources;
  sources.fd = options_.fd;
  sources.procfs = options_.procfs;
  if (options_.exit_records >= 0) {
    sources.exit_records = std::make_unique<ExitRecords>(options_.exit_records);
    options_.exit_records = -1;
  }
  if (!options_.exec_names.empty()) {
    sources.exec_names = std::make_unique<ExecNames>();
    // Not mapped, then not: kFigureExecNames says so, and the other witnesses serve.
    if (sources.exec_names->map(std::move(options_.exec_names))) sources.exec_names.reset();
    options_.exec_names.clear();
  }
  busy_rate_ = sources.exec_names ? kBusyRate : kBusyRateUnnamed;
  seconds_ = std::make_unique<StormSeconds>(options_.storm_threshold, now_ns());
  intake_ = std::make_unique<Intake>(std::move(sources), options_.wants, *ring_, *seconds_);
  if (!intake_->open()) return {"PROCEVENTS_COLLECTOR_START", errno};
  auto& value = intake_->figures();
  uint64_t half = value[kFigureReceiveBuffer] / 2 / kLeastEventBytes;
  // An exit record takes 1,280 bytes, an event 832, and an exit is at most every second event.
  if (value[kFigureExitBuffer] > 0)
    half = std::min(half, value[kFigureExitBuffer] / 2 / kLeastEventBytes);
  gather_ns_ = std::min(options_.gather_ns, half * 1'000'000'000 / kWorstRate);
  value[kFigureLastPass] = now_ns();
  figures_.publish(value);
  return start_thread();
}

Failure Collector::start_thread() {
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

bool Collector::stop(int timeout_ms) {
  if (started_) {
    stop_.store(true, std::memory_order_release);
    const uint64_t one = 1;
    (void)!write(control_, &one, sizeof one);
    timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_nsec += timeout_ms * 1'000'000L;
    deadline.tv_sec += deadline.tv_nsec / 1'000'000'000;
    deadline.tv_nsec %= 1'000'000'000;
    if (pthread_timedjoin_np(thread_, nullptr, &deadline) != 0) return false;
    started_ = false;
  }
  if (options_.fd >= 0 && options_.listening) {
    // Before Linux 6.6 each LISTEN counts, later a further IGNORE does nothing.
    for (; listens_ > 0; --listens_) send_operation(options_.fd, kProcCnMcastIgnore, 0);
  }
  intake_.reset();
  close_all(options_);
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
  auto& value = intake_->figures();
  rate_since_ = now_ns();
  bool empty = true;
  while (!stop_.load(std::memory_order_acquire)) {
    if (empty) wait();
    begin_cut();
    const uint64_t before = now_ns();
    const int received = intake_->receive();
    if (received < 0) {
      value[kFigureErrno] = static_cast<uint64_t>(-received);
      break;
    }
    empty = received < Intake::kBatch;
    note_drained(empty, before);
    const bool stormed = close_seconds();
    publish(end_cut(empty) || stormed);
  }
  if (value[kFigureErrno] != 0) tell_last_losses();
  // The head before the state: who sees that the thread has ended sees all that it has taken.
  publish(false);
  value[kFigureState] = value[kFigureErrno] == 0 ? kStateStopped : kStateDied;
  publish(true);
}

// The source has ended. A loss that finds no room is told once the consumer has made some.
void Collector::tell_last_losses() {
  auto& value = intake_->figures();
  while (!intake_->tell_losses() && !stop_.load(std::memory_order_acquire)) {
    const uint32_t wanted = cut_wanted_.load(std::memory_order_acquire);
    const bool cut = wanted != static_cast<uint32_t>(value[kFigureCutDone]);
    value[kFigureCutDone] = wanted;
    publish(cut);
    pollfd p{control_, POLLIN, 0};
    const timespec turn = to_timespec(kLastTurnNs);
    if (ppoll(&p, 1, &turn, nullptr) > 0) drain_control();
  }
}

// Quiet: sleeps until something comes. Busy: sleeps through what comes, for the gathering time, so
// that one waking serves many events. A cut request or stop ends either at once.
void Collector::wait() {
  const uint64_t now = now_ns();
  if (now - rate_since_ >= kRateWindowNs) {
    const uint64_t events = intake_->events() - rate_from_;
    busy_ = events * 1'000'000'000 / (now - rate_since_) >= busy_rate_;
    rate_since_ = now;
    rate_from_ += events;
  }
  pollfd p[2] = {{control_, POLLIN, 0}, {options_.fd, POLLIN, 0}};
  if (busy_ && gather_ns_ > 0) {
    const timespec gather = to_timespec(gather_ns_);
    ppoll(p, 1, &gather, nullptr);
  } else {
    const timespec heartbeat = to_timespec(kHeartbeatNs);
    if (ppoll(p, 2, &heartbeat, nullptr) == 0) intake_->drain_exit_records();
  }
  if (p[0].revents != 0) drain_control();
}

void Collector::drain_control() {
  uint64_t count;
  (void)!read(control_, &count, sizeof count);
}

// Moves the time from before which all events have been taken: at once when the queue was empty,
// else when as much has been taken as was in it at an earlier time.
void Collector::note_drained(bool empty, uint64_t now) {
  uint64_t& drained = intake_->figures()[kFigureDrained];
  if (empty) {
    drained = mark_time_ = now;
  } else if (mark_time_ == drained) {
    mark_time_ = now;
    mark_end_ = intake_->taken() + intake_->queued() / kLeastEventBytes;
  } else if (intake_->taken() >= mark_end_) {
    drained = mark_time_;
  }
}

// Closes the seconds whose events have all come. Returns whether the consumer has to know at once:
// a storm goes on or has ended, and on a host that is idle since nothing else would call it.
bool Collector::close_seconds() {
  auto& value = intake_->figures();
  if (!seconds_->close(value[kFigureDrained])) return false;
  for (size_t i = 0; i < kSecondBuckets; ++i) value[kFigureSeconds + i] = seconds_->buckets()[i];
  value[kFigureSecondsSum] = seconds_->sum();
  value[kFigureSecondsEnd] = seconds_->end();
  const StormSeconds::Storm& storm = seconds_->storm();
  const bool ended = value[kFigureStormOpen] == 1 && !storm.open;
  value[kFigureStormOpen] = storm.open;
  if (value[kFigureStormSeconds] == seconds_->storm_seconds()) return ended;
  // Dated now: a clock that is set later does not move what was.
  const uint64_t boot_ms = (now_ns(CLOCK_REALTIME) - now_ns()) / 1'000'000;
  if (value[kFigureStorms] != seconds_->storms())
    value[kFigureStormFirstUnixMs] = boot_ms + storm.first * 1000;
  value[kFigureStormLastUnixMs] = boot_ms + storm.last * 1000;
  value[kFigureStorms] = seconds_->storms();
  value[kFigureStormSeconds] = seconds_->storm_seconds();
  value[kFigureStormFirst] = storm.first;
  value[kFigureStormLast] = storm.last;
  value[kFigureStormLength] = storm.seconds;
  value[kFigureStormPeak] = storm.peak;
  value[kFigureStormCreated] = storm.created;
  return true;
}

// Takes on a new request. The queue is first in, first out: as many events as can be in it now hold
// all that was queued when the request was made. (By count and not by time stamp: in a time
// namespace the kernel's clock is not ours.)
void Collector::begin_cut() {
  auto& value = intake_->figures();
  const uint32_t wanted = cut_wanted_.load(std::memory_order_acquire);
  if (cut_ == wanted || cut_ != static_cast<uint32_t>(value[kFigureCutDone])) return;
  cut_ = wanted;
  probed_ = false;
  value[kFigureReceiveUsed] = intake_->queued();
  // Other sockets than netlink's do not tell what is in their queue, only what fits.
  const uint64_t queued = value[options_.listening ? kFigureReceiveUsed : kFigureReceiveBuffer];
  cut_end_ = intake_->taken() + queued / kLeastEventBytes;
  value[kFigureExitUsed] = intake_->queued_exit_records();
}

// The cut is complete when the queue was empty, or all that was in it has been taken: under a storm
// "empty" never comes. A probe's acks are in the queue, which is then no longer empty.
bool Collector::end_cut(bool& empty) {
  auto& value = intake_->figures();
  if (cut_ == static_cast<uint32_t>(value[kFigureCutDone])) return false;
  if (!empty && intake_->taken() < cut_end_) return false;
  // Behind a filter there are no numbers to make up, and to LISTEN again would take it away.
  const bool probes = options_.listening && !options_.wants.filtered;
  if (empty && !probed_ && probes && intake_->tail_is_unknown()) {
    probe_tail();
    empty = false;
    return false;
  }
  // Where a sandbox forbids probing, the CPUs' next messages have told by now.
  if (empty && !intake_->tail_is_unknown()) value[kFigureProbeErrno] = 0;
  if (empty) intake_->drain_exit_records();
  if (empty && probed_ && value[kFigureProbeErrno] == 0) intake_->close_tail();
  // As far as the ring has room, nothing that was lost before stays untold.
  intake_->tell_losses();
  value[kFigureCutDone] = cut_;
  return true;
}

// A loss at the end of a burst shows in the numbers only with the CPU's next message. So this
// thread goes to each CPU and asks to LISTEN again: the ack is such a message. Acks go to every
// listener on the host, hence only when the drop counter says that something is missing.
void Collector::probe_tail() {
  auto& value = intake_->figures();
  probed_ = true;
  intake_->mark_tail();
  value[kFigureProbeErrno] = 0;
  cpu_set_t* old = CPU_ALLOC(Ledger::kMaxCpus);
  cpu_set_t* one = CPU_ALLOC(Ledger::kMaxCpus);
  const size_t size = CPU_ALLOC_SIZE(Ledger::kMaxCpus);
  const long cpus = std::min<long>(sysconf(_SC_NPROCESSORS_CONF), Ledger::kMaxCpus);
  const uint32_t ack = static_cast<uint32_t>(now_ns());
  const bool known = old != nullptr && one != nullptr && sched_getaffinity(0, size, old) == 0;
  if (!known) value[kFigureProbeErrno] = static_cast<uint64_t>(errno);
  // An offline CPU cannot be reached and sends nothing.
  long reachable = sysconf(_SC_NPROCESSORS_ONLN);
  for (long cpu = 0; known && cpu < cpus; ++cpu) {
    CPU_ZERO_S(size, one);
    CPU_SET_S(static_cast<size_t>(cpu), size, one);
    if (sched_setaffinity(0, size, one) != 0) continue;
    --reachable;
    if (send_operation(options_.fd, kProcCnMcastListen, ack) == 0) ++listens_;
  }
  // A cpuset or a sandbox keeps us from some.
  if (known && reachable > 0) value[kFigureProbeErrno] = EPERM;
  if (known) sched_setaffinity(0, size, old);
  CPU_FREE(old);
  CPU_FREE(one);
}

// Figures first: they name the ring position that they belong to, and a reader of figures takes
// records up to there.
void Collector::publish(bool wake) {
  auto& value = intake_->figures();
  value[kFigureLastPass] = now_ns();
  value[kFigureRingPosition] = ring_->position();
  value[kFigureUntold] = intake_->owes_losses();
  figures_.publish(value);
  wake |= ring_->publish();
  // The consumer comes back every 20 ms; a ring that fills faster calls it.
  const bool filling = ring_->used() > ring_->slots() / 2;
  wake |= filling && !poked_;
  poked_ = filling;
  if (wake) options_.wake();
}

}  // namespace procevents
