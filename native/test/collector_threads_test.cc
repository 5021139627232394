// sources: native/collector.cc native/intake.cc native/untold.cc native/connector.cc native/parse.cc native/exec_name.cc native/exec_names.cc native/exec_ring.cc native/storm_seconds.cc native/exit_records.cc native/exit_record.cc native/exit_socket.cc native/cpu_list.cc
// The collector on a socketpair instead of the kernel: same recvmmsg, parser, ledger, ring; no
// privilege needed.
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "../collector.h"
#include "../parse.h"
#include "check.h"

using namespace procevents;

namespace {

struct Feed {
  int fd[2];
  sem_t wake;
  std::unique_ptr<Collector> collector;

  explicit Feed(uint32_t slots, bool whole = false, int type = SOCK_DGRAM) {
    CHECK(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd) == 0);
    CHECK(fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0);
    sem_init(&wake, 0, 0);
    CollectorOptions o;
    o.fd = fd[0];
    o.procfs = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    o.ring_slots = slots;
    o.gather_ns = 1'000'000;
    o.storm_threshold = 2000;
    o.wants.whole = whole;
    o.wake = [this] { sem_post(&wake); };
    collector = std::make_unique<Collector>(std::move(o));
    CHECK(!collector->start());
  }
  ~Feed() {
    CHECK(collector->stop(5000));
    close(fd[1]);
  }
  void send(const std::vector<uint8_t>& bytes) {
    CHECK(write(fd[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  uint32_t* control() const { return static_cast<uint32_t*>(collector->memory().get()); }
  const Record* records() const {
    return reinterpret_cast<const Record*>(control() + Ring::kControlBytes / 4);
  }
  void consume_to(uint32_t position) {
    std::atomic_ref<uint32_t>(control()[Ring::kWordRingTail]).store(position);
  }
  void await_head(uint32_t position) {
    while (std::atomic_ref<uint32_t>(control()[Ring::kWordRingHead]).load() != position)
      usleep(1000);
  }
  // All that was sent is in the figures when it returns.
  std::vector<double> cut() {
    const uint32_t number = collector->request_cut();
    std::vector<double> figures(kFigures);
    do {
      sem_wait(&wake);
      // Not had while the thread was stopped in the middle of publishing them.
      while (!collector->figures(figures.data())) std::this_thread::yield();
    } while (figures[kFigureCutDone] != number);
    return figures;
  }
};

void a_flood_is_counted_to_the_last_message() {
  Feed feed(1 << 17);
  constexpr uint32_t kCount = 100'000;
  std::thread sender([&] {
    Datagram d;
    d.what = kProcEventSid;
    for (uint32_t i = 0; i < kCount; ++i) {
      d.cpu = i % 4;
      d.seq = i / 4;
      d.timestamp_ns = i;
      feed.send(d.bytes());
    }
  });
  sender.join();
  const auto f = feed.cut();
  CHECK(f[figure(kFigureEvents, kSid)] == kCount);
  CHECK(f[kFigureRingPosition] == kCount);
  CHECK(f[kFigureLostKernel] == 0 && f[kFigureLostSocket] == 0 &&
        f[figure(kFigureShed, kSid)] == 0);
}

void a_gap_is_lost_and_said_in_the_ring_before_what_follows() {
  Feed feed(256);
  Datagram d;
  d.what = kProcEventSid;
  d.seq = 10;
  feed.send(d.bytes());
  feed.cut();
  d.seq = 14;
  feed.send(d.bytes());
  const auto f = feed.cut();
  CHECK(f[kFigureLostKernel] == 3 && f[figure(kFigureEvents, kSid)] == 2 &&
        f[kFigureRingPosition] == 3);
  const auto* records = reinterpret_cast<const Record*>(
      static_cast<uint8_t*>(feed.collector->memory().get()) + Ring::kControlBytes);
  CHECK(records[1].kind() == kLost && records[1].word[kWordLostCount] == 3);
  CHECK(records[2].kind() == kSid);
}

void a_full_ring_sheds_and_counts() {
  Feed feed(256);
  Datagram d;
  d.what = kProcEventUid;
  for (uint32_t i = 0; i < 1000; ++i) {
    d.seq = i;
    feed.send(d.bytes());
  }
  auto f = feed.cut();
  CHECK(f[figure(kFigureEvents, kUid)] == 1000 && f[figure(kFigureShed, kUid)] == 744 &&
        f[kFigureRingPosition] == 256);
  // Room again: the gap is said first.
  auto* memory = static_cast<uint8_t*>(feed.collector->memory().get());
  std::atomic_ref<uint32_t>(reinterpret_cast<uint32_t*>(memory)[Ring::kWordRingTail]).store(256);
  d.seq = 1000;
  feed.send(d.bytes());
  f = feed.cut();
  CHECK(f[figure(kFigureShed, kUid)] == 744 && f[kFigureRingPosition] == 258);
  const auto* records = reinterpret_cast<const Record*>(memory + Ring::kControlBytes);
  CHECK(records[0].kind() == kLost && records[0].word[kWordLostCount] == 744 &&
        records[1].kind() == kUid);
}

bool is_gap(const Record& r, uint32_t cpu, uint32_t seq, uint64_t time, uint32_t count) {
  return r.word[kWordHead] == (kGap | kLostInKernel << 8 | cpu << 16) && r.word[kWordSeq] == seq &&
         r.time() == time && r.word[kWordLostCount] == count;
}

bool is_lost(const Record& r, Flag where, uint32_t count) {
  return r.word[kWordHead] == (kLost | uint32_t{where} << 8) && r.word[kWordLostCount] == count;
}

void losses_that_find_no_room_are_told_when_there_is_room() {
  Feed feed(256, true);
  Datagram d;
  d.what = kProcEventSid;
  for (d.seq = 0; d.seq < 256; ++d.seq) feed.send(d.bytes());
  d.cpu = 9, d.seq = 500;
  feed.send(d.bytes());  // the base of another CPU, shed
  CHECK(feed.cut()[kFigureUntold] == 1);
  // Two gaps on one CPU, one on another.
  d.timestamp_ns = 70, d.seq = 503;
  feed.send(d.bytes());
  d.timestamp_ns = 80, d.seq = 509;
  feed.send(d.bytes());
  d.timestamp_ns = 90, d.cpu = 0, d.seq = 300;
  feed.send(d.bytes());
  auto f = feed.cut();
  CHECK(f[kFigureLostKernel] == 2 + 5 + 44 && f[kFigureRingPosition] == 256 &&
        f[figure(kFigureShed, kSid)] == 4);
  // Room for a part of it: nothing is told twice, and the rest waits.
  feed.consume_to(2);
  f = feed.cut();
  CHECK(f[kFigureRingPosition] == 258 && f[kFigureUntold] == 1);
  feed.consume_to(258);
  // Nothing comes any more and nobody asks: the next pass of an idle thread tells.
  feed.await_head(260);
  const Record* records = feed.records();
  CHECK(is_lost(records[0], kLostInRing, 4) && is_lost(records[1], kLostInKernel, 51));
  CHECK(is_gap(records[2], 0, 256, 90, 44) && is_gap(records[3], 9, 501, 70, 7));
  f = feed.cut();
  CHECK(f[kFigureRingPosition] == 260 && f[kFigureUntold] == 0);
  // Told once: what follows stands alone.
  d.seq = 301;
  feed.send(d.bytes());
  f = feed.cut();
  CHECK(f[kFigureRingPosition] == 261 && records[4].kind() == kSid);
}

void a_cut_tells_what_was_lost_before() {
  Feed feed(256);
  Datagram d;
  for (d.seq = 0; d.seq < 300; ++d.seq) feed.send(d.bytes());
  CHECK(feed.cut()[kFigureUntold] == 1);
  feed.consume_to(256);
  const auto f = feed.cut();
  CHECK(f[kFigureUntold] == 0 && f[kFigureRingPosition] == 257);
  CHECK(is_lost(feed.records()[0], kLostInRing, 44));
}

void bad_datagrams_are_counted_under_their_reason() {
  Feed feed(256);
  Datagram d;
  for (size_t size = 0; size < kMessageSize; ++size) {
    auto bytes = d.bytes();
    bytes.resize(size);
    feed.send(bytes);
  }
  feed.send(std::vector<uint8_t>(4096, 1));  // oversize
  d.nlmsg_type = 2;
  feed.send(d.bytes());
  d = Datagram();
  d.what = 0x20000000;
  feed.send(d.bytes());
  d = Datagram();
  d.cpu = 0xffffffff;
  d.what = kProcEventSid;
  feed.send(d.bytes());
  const auto f = feed.cut();
  CHECK(f[figure(kFigureRejected, kRejectLength)] == kMessageSize + 1);
  CHECK(f[figure(kFigureRejected, kRejectConnector)] == 1 &&
        f[figure(kFigureRejected, kRejectKind)] == 1);
  CHECK(f[figure(kFigureEvents, kSid)] == 1 && f[kFigureRingPosition] == 1);
}

void an_exec_that_another_event_overtakes_has_no_name() {
  Feed feed(256);
  Datagram d;
  const uint32_t self = static_cast<uint32_t>(getpid());
  d.data[0] = d.data[1] = self;
  feed.send(d.bytes());
  feed.cut();
  const auto* records = reinterpret_cast<const Record*>(
      static_cast<uint8_t*>(feed.collector->memory().get()) + Ring::kControlBytes);
  CHECK(records[0].kind() == kExec && ((records[0].word[0] >> 8) & 0xff) == kFlagRead);
  CHECK(records[0].word[kWordComm] != 0);
  // Nobody: a pid beyond what the kernel hands out.
  d.data[0] = d.data[1] = 0x7fffffff;
  d.seq = 1;
  feed.send(d.bytes());
  feed.cut();
  CHECK(records[1].kind() == kExec && ((records[1].word[0] >> 8) & 0xff) == 0 &&
        records[1].word[kWordComm] == 0);
}

void a_connection_that_has_ended_ends_the_thread_after_its_last_datagram() {
  Feed feed(1024, true, SOCK_SEQPACKET);
  Datagram d;
  for (d.seq = 0; d.seq < 5; ++d.seq) feed.send(d.bytes());
  CHECK(send(feed.fd[1], "", 0, 0) == 0);  // an empty one is no end
  std::vector<double> f = feed.cut();
  CHECK(f[figure(kFigureEvents, kExec)] == 5 && f[kFigureState] == int{kStateRuns});
  CHECK(f[figure(kFigureRejected, kRejectLength)] == 1);
  // More than a batch, so that the end is met in the middle of one.
  for (; d.seq < 5 + Intake::kBatch + 10; ++d.seq) feed.send(d.bytes());
  CHECK(shutdown(feed.fd[1], SHUT_RDWR) == 0);
  do {
    sem_wait(&feed.wake);
    while (!feed.collector->figures(f.data())) std::this_thread::yield();
  } while (f[kFigureState] == int{kStateRuns});
  CHECK(f[kFigureState] == int{kStateDied} && f[kFigureErrno] == EPIPE);
  CHECK(f[figure(kFigureEvents, kExec)] == 5 + Intake::kBatch + 10);
  CHECK(f[figure(kFigureRejected, kRejectLength)] == 1);
}

void a_source_that_ends_with_the_ring_full_tells_its_loss_when_there_is_room() {
  Feed feed(256, true, SOCK_SEQPACKET);
  Datagram d;
  d.what = kProcEventSid;
  for (d.seq = 0; d.seq < 300; ++d.seq) feed.send(d.bytes());
  CHECK(shutdown(feed.fd[1], SHUT_RDWR) == 0);
  // It still answers, and has not ended for whoever reads.
  std::vector<double> f = feed.cut();
  CHECK(f[kFigureUntold] == 1 && f[kFigureState] == int{kStateRuns});
  feed.consume_to(256);
  feed.await_head(257);
  CHECK(is_lost(feed.records()[0], kLostInRing, 44));
  do {
    sem_wait(&feed.wake);
    while (!feed.collector->figures(f.data())) std::this_thread::yield();
  } while (f[kFigureState] == int{kStateRuns});
  CHECK(f[kFigureState] == int{kStateDied} && f[kFigureErrno] == EPIPE && f[kFigureUntold] == 0);
}

void it_stops_in_the_middle_of_a_flood() {
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> stop{false};
    Feed feed(256);
    CHECK(fcntl(feed.fd[1], F_SETFL, O_NONBLOCK) == 0);
    std::thread sender([&] {
      const auto bytes = Datagram().bytes();
      while (!stop.load()) (void)!write(feed.fd[1], bytes.data(), bytes.size());
    });
    feed.cut();
    CHECK(feed.collector->stop(5000));
    stop.store(true);
    sender.join();
  }
}

}  // namespace

int main() {
  a_flood_is_counted_to_the_last_message();
  a_gap_is_lost_and_said_in_the_ring_before_what_follows();
  a_full_ring_sheds_and_counts();
  losses_that_find_no_room_are_told_when_there_is_room();
  a_cut_tells_what_was_lost_before();
  bad_datagrams_are_counted_under_their_reason();
  an_exec_that_another_event_overtakes_has_no_name();
  a_connection_that_has_ended_ends_the_thread_after_its_last_datagram();
  a_source_that_ends_with_the_ring_full_tells_its_loss_when_there_is_room();
  it_stops_in_the_middle_of_a_flood();
}
