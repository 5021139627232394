// Stage: collector thread. Drains a source of datagrams into the ring; counts, and never waits for
// its consumer.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "connector.h"
#include "figures.h"
#include "ledger.h"
#include "ring.h"

namespace procevents {

struct CollectorOptions {
  int fd = -1;  // source of datagrams, non-blocking; the collector owns it from start() on
  bool listening = false;      // fd is a connector socket that has to say IGNORE at the end
  int procfs = -1;             // directory descriptor; owned likewise
  uint32_t ring_slots = 0;     // power of two
  uint64_t gather_ns = 0;      // longest time to let events gather under load
  std::function<void()> wake;  // called on the collector thread; must not block
};

// Made, started and stopped by one thread (the owner); run() is the only thing on the collector
// thread. They share the ring, the figures, and the three atomics below.
class Collector {
 public:
  explicit Collector(CollectorOptions options);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // The ring's mapping, which outlives the collector while anybody holds it.
  std::shared_ptr<void> memory() const { return memory_; }
  size_t memory_bytes() const { return Ring::bytes(options_.ring_slots); }

  Failure start();

  // Ends the thread, says IGNORE, closes the descriptors. False when the thread does not answer
  // within a second (a debugger holds it): then it and all that it uses are left alone, for the
  // process is about to end.
  bool stop();

  // Asks for a cut: all that the kernel has queued by now in the ring and in the figures. Returns
  // the request's number; kFigureCutDone reaches it when done.
  uint32_t request_cut();

  bool figures(double* out) const { return figures_.read(out); }

 private:
  static void* entry(void* self);
  void run();
  void wait();
  void begin_cut();
  bool end_cut(bool empty);
  int receive();
  void take_datagram(int index);
  void note_loss();
  void name_execs();
  void push(const Record& record);
  void publish(bool wake);

  CollectorOptions options_;
  std::shared_ptr<void> memory_;
  Figures figures_;
  pthread_t thread_{};
  bool started_ = false;
  int control_ = -1;  // eventfd: stop and cut requests
  std::atomic<bool> stop_{false};
  std::atomic<uint32_t> cut_wanted_{0};

  // From here on: the collector thread's own.
  struct Batch;
  std::unique_ptr<Ring> ring_;
  std::unique_ptr<Batch> batch_;
  Ledger ledger_;
  uint64_t value_[kFigures] = {};
  bool netlink_ = false;       // senders are known, so they are checked
  uint32_t cut_ = 0;           // request being answered
  uint64_t cut_time_ = 0;      // when it was noticed
  uint64_t cut_budget_ = 0;    // events that it may still take
  uint32_t drops_seen_ = 0;    // the socket's drop counter, as last read
  bool overrun_ = false;       // the last pass saw the drop counter grow
  uint64_t shed_pending_ = 0;  // records shed since the last one that went in
  bool poked_ = false;         // woken early, and the ring is still more than half full
  uint64_t newest_ = 0;        // largest time stamp seen
  uint64_t rate_since_ = 0;    // start of the window in which the rate is measured
  uint64_t rate_events_ = 0;   // events in it
  bool busy_ = false;
  uint64_t gather_ns_ = 0;
};

}  // namespace procevents
