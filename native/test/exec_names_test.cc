// sources: native/exec_names.cc native/exec_ring.cc native/cpu_list.cc
// Each exec is named by the record of that very exec or not at all, from rings that the test writes
// in the kernel's place.
#include "../exec_names.h"

#include <errno.h>
#include <fcntl.h>

#include "perf_ring.h"

using namespace procevents;

namespace {

std::string take(ExecNames& names, uint32_t tgid, uint64_t time) {
  uint32_t comm[4] = {};
  if (!names.take(tgid, time, comm)) return "-";
  char text[17] = {};
  memcpy(text, comm, 16);
  return text;
}

void each_exec_of_a_chain_gets_its_own_name() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  ring.put(comm_record(7, "env", 10));
  ring.put(comm_record(8, "other", 11));
  ring.put(comm_record(7, "nice", 20));
  ring.put(comm_record(7, "true", 30));
  names.drain();
  CHECK(ring.tail() == 32 + 32 + 32 + 32);
  CHECK(take(names, 7, 9) == "-");
  CHECK(take(names, 7, 12) == "env");
  CHECK(take(names, 7, 12) == "-");  // it is gone
  CHECK(take(names, 7, 29) == "nice");
  CHECK(take(names, 7, 30) == "true");
  CHECK(take(names, 8, 12) == "other" && names.lost() == 0);
}

void an_exec_whose_event_was_lost_does_not_name_the_next() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  ring.put(comm_record(7, "first", 10));
  ring.put(comm_record(7, "second", 20));
  names.drain();
  CHECK(take(names, 7, 25) == "second");
  CHECK(take(names, 7, 25) == "-");
}

void a_process_that_changes_cpus_is_followed_by_time() {
  FakeRing left, right;
  ExecNames names;
  CHECK(!names.map({left.fd, right.fd}));
  left.put(comm_record(7, "third", 30));
  right.put(comm_record(7, "first", 10));
  left.put(comm_record(7, "fourth", 40));
  right.put(comm_record(7, "second", 20));
  names.drain();
  CHECK(take(names, 7, 11) == "first" && take(names, 7, 21) == "second");
  CHECK(take(names, 7, 31) == "third" && take(names, 7, 41) == "fourth");
}

void an_ended_process_leaves_nothing_and_the_next_of_its_pid_keeps_its_own() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  ring.put(comm_record(7, "before", 10));
  ring.put(comm_record(7, "after", 30));
  names.drain();
  names.forget(7, 20);
  CHECK(take(names, 7, 29) == "-");
  CHECK(take(names, 7, 31) == "after");
}

void behind_a_loss_no_name_is_believed() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  constexpr uint64_t kEra = uint64_t{1} << 62;  // later than any time of map()
  for (uint32_t pid = 1; pid <= 5; ++pid) ring.put(comm_record(pid, "old", kEra + 10));
  ring.put(lost_record(41, kEra + 30));
  ring.put(comm_record(6, "new", kEra + 40));
  names.drain();
  CHECK(names.lost() == 41);
  CHECK(take(names, 1, kEra + 10) == "old");  // nothing is missing between the two
  CHECK(take(names, 2, kEra + 11) == "-");
  CHECK(take(names, 3, kEra + 50) == "-");
  CHECK(take(names, 6, kEra + 50) == "new");
}

void a_full_ring_is_doubted_before_the_kernel_tells_of_its_loss() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  uint64_t count = 0;
  while (ring.put(comm_record(7, "a", 1 + count))) ++count;
  CHECK(count == FakeRing::kData / 32);
  names.drain();
  CHECK(take(names, 7, 1) == "a");
  CHECK(take(names, 7, count + 1) == "-");
  CHECK(names.lost() == 0);
}

void the_ring_goes_round_and_the_table_forgets_the_oldest() {
  FakeRing ring(FakeRing::kData - 24);
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  constexpr uint32_t kRecords = 3 * 65536;
  for (uint32_t i = 1; i <= kRecords; ++i) {
    CHECK(ring.put(comm_record(i, "a name to wrap", i)));
    if (i % 1000 == 0) names.drain();
  }
  names.drain();
  CHECK(names.lost() == kRecords - 65536);
  CHECK(take(names, kRecords - 65536, kRecords) == "-");
  CHECK(take(names, kRecords - 65535, kRecords) == "a name to wrap");
  CHECK(take(names, kRecords, kRecords) == "a name to wrap");
}

void a_broken_record_costs_one_drain_and_is_counted() {
  FakeRing ring;
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  auto broken = comm_record(1, "x", 1);
  broken[6] = 3;
  ring.put(broken);
  names.drain();
  CHECK(names.lost() == 1);
  const uint64_t later = uint64_t{1} << 62;
  ring.put(comm_record(2, "y", later));
  names.drain();
  CHECK(take(names, 2, later) == "y" && names.lost() == 1);
}

void what_was_written_before_map_is_not_ours() {
  FakeRing ring;
  ring.put(comm_record(1, "x", 1));
  ExecNames names;
  CHECK(!names.map({ring.fd}));
  names.drain();
  CHECK(take(names, 1, 1) == "-");
}

void descriptors_are_closed_when_mapping_fails_and_at_the_end() {
  FakeRing ring;
  const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    ExecNames names;
    const Failure failure = names.map({ring.fd, other});
    CHECK(failure && std::string(failure.code) == "PROCEVENTS_EXEC_NAMES" && failure.error != 0);
    CHECK(fcntl(ring.fd, F_GETFD) < 0 && fcntl(other, F_GETFD) < 0);
    names.drain();
  }
  FakeRing second;
  {
    ExecNames names;
    CHECK(!names.map({second.fd}));
  }
  CHECK(fcntl(second.fd, F_GETFD) < 0);
}

}  // namespace

int main() {
  each_exec_of_a_chain_gets_its_own_name();
  an_exec_whose_event_was_lost_does_not_name_the_next();
  a_process_that_changes_cpus_is_followed_by_time();
  an_ended_process_leaves_nothing_and_the_next_of_its_pid_keeps_its_own();
  behind_a_loss_no_name_is_believed();
  a_full_ring_is_doubted_before_the_kernel_tells_of_its_loss();
  the_ring_goes_round_and_the_table_forgets_the_oldest();
  a_broken_record_costs_one_drain_and_is_counted();
  what_was_written_before_map_is_not_ours();
  descriptors_are_closed_when_mapping_fails_and_at_the_end();
}
