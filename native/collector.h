// Stage: collector thread. Waits for the sources, lets the intake drain them into the ring, and
// publishes. Never waits for its consumer.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "connector.h"
#include "figures.h"
#include "intake.h"
#include "ring.h"

namespace procevents {

struct CollectorOptions {
  int fd = -1;             // source of datagrams, non-blocking; the collector owns it
  bool listening = false;  // fd is a connector socket: it says IGNORE at the end, LISTEN to probe
  int procfs = -1;         // directory descriptor, or none where wants.nameless; owned
  std::vector<int> exec_names;   // of open_exec_names(), or none; owned
  int exit_records = -1;         // of open_exit_records(), or none; owned
  uint32_t ring_slots = 0;       // power of two
  uint64_t gather_ns = 0;        // longest time to let events gather under load
  uint32_t storm_threshold = 0;  // processes created in a second that make it a storm second
  Intake::Wants wants;
  std::function<void()> wake;  // called on the collector thread; must not block
};

// Made, started and stopped by one thread (the owner); run() is the only thing on the collector
// thread. They share the ring, the figures, and the two atomics below.
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

  // Ends the thread, says IGNORE, closes the descriptors. False when the thread has not ended
  // within the time (a debugger holds it): it and all that it uses are then as before, and may be
  // asked again.
  bool stop(int timeout_ms);

  // Asks for a cut: all that the kernel has queued by now in the ring and in the figures. Returns
  // the request's number; kFigureCutDone reaches it when done.
  uint32_t request_cut();

  bool figures(double* out) const { return figures_.read(out); }

 private:
  static void* entry(void* self);
  Failure start_thread();
  void run();
  void wait();
  void drain_control();
  void note_drained(bool empty, uint64_t now);
  bool close_seconds();
  void begin_cut();
  bool end_cut(bool& empty);
  void probe_tail();
  void tell_last_losses();
  void publish(bool wake);

  CollectorOptions options_;
  std::shared_ptr<void> memory_;
  std::unique_ptr<Ring> ring_;
  Figures figures_;
  pthread_t thread_{};
  bool started_ = false;
  int control_ = -1;  // eventfd: stop and cut requests
  std::atomic<bool> stop_{false};
  std::atomic<uint32_t> cut_wanted_{0};

  // From start() on the collector thread's own.
  std::unique_ptr<StormSeconds> seconds_;
  std::unique_ptr<Intake> intake_;
  uint32_t cut_ = 0;        // request being answered
  uint64_t cut_end_ = 0;    // count of datagrams that completes it in any case
  uint64_t mark_time_ = 0;  // see note_drained()
  uint64_t mark_end_ = 0;
  bool probed_ = false;      // for this cut
  uint32_t listens_ = 1;     // LISTENs sent; each has to be taken back
  bool poked_ = false;       // woken early, and the ring is still more than half full
  uint64_t rate_since_ = 0;  // start of the window in which the rate is measured
  uint64_t rate_from_ = 0;   // count of events then
  bool busy_ = false;
  uint64_t busy_rate_ = 0;
  uint64_t gather_ns_ = 0;
};

}  // namespace procevents
