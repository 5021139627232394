// sources: native/collector.cc native/intake.cc native/connector.cc native/parse.cc native/exec_name.cc native/exec_names.cc native/exec_ring.cc native/storm_seconds.cc native/exit_records.cc native/exit_record.cc native/exit_socket.cc native/cpu_list.cc
// The collector on a socketpair instead of the kernel: same recvmmsg, parser, ledger, ring; no
// privilege needed.
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

  explicit Feed(uint32_t slots) {
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fd) == 0);
    CHECK(fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0);
    sem_init(&wake, 0, 0);
    CollectorOptions o;
    o.fd = fd[0];
    o.procfs = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    o.ring_slots = slots;
    o.gather_ns = 1'000'000;
    o.storm_threshold = 2000;
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
  bad_datagrams_are_counted_under_their_reason();
  an_exec_that_another_event_overtakes_has_no_name();
  it_stops_in_the_middle_of_a_flood();
}
