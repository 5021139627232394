// Stage: ledger. Sequence numbers of every message in; how many messages are proven missing out.
#pragma once

#include <cstdint>
#include <memory>

namespace procevents {

// cn_msg.seq counts per CPU, wraps at 2^32, and counts every message, acks included. So a gap is
// the exact number of messages that this CPU sent and we never saw. The first message of a CPU only
// sets the base. The kernel's never repeat or go back, and half of the numbers are never lost at
// once; a feed of somebody else's whose numbers do begins anew there.
class Ledger {
 public:
  // The kernel's largest CONFIG_NR_CPUS (arch/x86/Kconfig, MAXSMP). A message from beyond is left
  // out of the ledger.
  static constexpr uint32_t kMaxCpus = 8192;
  // A number that is this far ahead, or more, is one from before.
  static constexpr uint32_t kBehind = 0x80000000;

  Ledger() : cpu_(new Cpu[kMaxCpus]()) {}

  // Returns how many messages of `cpu` are missing before this one.
  uint32_t see(uint32_t cpu, uint32_t seq) {
    if (cpu >= kMaxCpus) return 0;
    Cpu& c = cpu_[cpu];
    const uint32_t ahead = c.known ? seq - c.next : 0;
    const uint32_t gap = ahead < kBehind ? ahead : 0;
    c.known = true;
    c.next = seq + 1;
    gaps_ += gap;
    return gap;
  }

  uint64_t gaps() const { return gaps_; }

 private:
  struct Cpu {
    uint32_t next;
    bool known;
  };
  std::unique_ptr<Cpu[]> cpu_;
  uint64_t gaps_ = 0;
};

}  // namespace procevents
