// sources: native/cpu_list.cc
// The table of what waits against a plain model, and the kernel's lists of CPUs.
#include "../recent_table.h"

#include <deque>
#include <random>

#include "../cpu_list.h"
#include "check.h"

using namespace procevents;

namespace {

struct Known {
  uint64_t position;
  uint32_t pid;
  uint32_t value;
};

// Every entry of a pid, the latest first, without taking any.
std::vector<Known> all(RecentTable<uint32_t>& table, uint32_t pid) {
  std::vector<Known> out;
  table.sweep(pid, [&](uint64_t position, const uint32_t& value) {
    out.push_back({position, pid, value});
    return false;
  });
  return out;
}

void it_behaves_like_a_list_that_forgets_the_oldest() {
  constexpr uint32_t kCapacity = 64;
  std::mt19937 random(3);
  RecentTable<uint32_t> table(kCapacity);
  std::deque<Known> model;
  uint64_t arrivals = 0;
  for (int round = 0; round < 300'000; ++round) {
    // Few pids and pids that meet in one chain, so that chains are long.
    const uint32_t pid = random() % 4 * kCapacity + random() % 5;
    if (random() % 3 != 0) {
      const uint32_t value = random();
      uint64_t pushed_out;
      ++arrivals;
      CHECK(table.add(pid, value, pushed_out) == arrivals);
      const bool full = !model.empty() && model.front().position + kCapacity == arrivals;
      CHECK(pushed_out == (full ? model.front().position : 0));
      if (full) model.pop_front();
      model.push_back({arrivals, pid, value});
    } else {
      const uint32_t least = random();
      const auto drop = [&](uint64_t, uint32_t value) { return value >= least; };
      table.sweep(pid, drop);
      std::erase_if(model, [&](const Known& k) { return k.pid == pid && drop(0, k.value); });
    }
    CHECK(table.size() == model.size());
    const auto got = all(table, pid);
    size_t at = 0;
    for (auto k = model.rbegin(); k != model.rend(); ++k) {
      if (k->pid != pid) continue;
      CHECK(at < got.size() && got[at].position == k->position && got[at].value == k->value);
      ++at;
    }
    CHECK(at == got.size());
  }
}

void lists_of_cpus_are_read_as_the_kernel_writes_them() {
  std::vector<int> cpus;
  CHECK(parse_cpu_list("0", cpus) && cpus == std::vector<int>({0}));
  CHECK(parse_cpu_list("0-1", cpus) && cpus == std::vector<int>({0, 1}));
  CHECK(parse_cpu_list("0-2,5,7-8", cpus) && cpus == std::vector<int>({0, 1, 2, 5, 7, 8}));
  CHECK(parse_cpu_list("8191", cpus) && cpus == std::vector<int>({8191}));
  for (const char* bad : {"", ",", "0,", "-1", "1-", "3-1", "0 1", "0-1,1", "5,3", "8192", "0x1",
                          "99999999999", "+1", "0\n"}) {
    CHECK(!parse_cpu_list(bad, cpus) && cpus.empty());
  }
  std::string text;
  CHECK(read_cpu_list(kOnlineCpus, text) == 0 && parse_cpu_list(text, cpus) && !cpus.empty());
  CHECK(read_cpu_list("/nowhere", text) == ENOENT);
}

}  // namespace

int main() {
  it_behaves_like_a_list_that_forgets_the_oldest();
  lists_of_cpus_are_read_as_the_kernel_writes_them();
}
