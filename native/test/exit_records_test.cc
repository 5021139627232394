// sources: native/exit_records.cc native/exit_record.cc native/exit_socket.cc native/cpu_list.cc native/connector.cc native/parse.cc
// Each EXIT finds the record of that very life of its tid, from a socketpair instead of the kernel.
#include "../exit_records.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "taskstats_message.h"

using namespace procevents;

namespace {

struct Feed {
  Feed() {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    in = fds[0];
    out = fds[1];
  }
  ~Feed() { close(in); }
  void put(uint32_t tid, uint32_t life) {
    TaskstatsMessage m;
    m.tid = tid;
    m.exit_code = life;
    put(m.bytes());
  }
  void put(const std::vector<uint8_t>& bytes) {
    CHECK(send(in, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  int in;
  int out;
};

// The life of the tid whose record is next; 0 when there is none.
uint32_t take(ExitRecords& records, uint32_t tid) {
  ExitRecord record;
  if (!records.take(tid, record)) return 0;
  CHECK(record.tid == tid);
  return record.exit_code;
}

void an_exit_takes_its_record_once() {
  Feed feed;
  ExitRecords records(feed.out);
  CHECK(records.drain());
  feed.put(7, 1);
  feed.put(8, 2);
  CHECK(records.drain());
  CHECK(take(records, 9) == 0);
  CHECK(take(records, 8) == 2 && take(records, 8) == 0);
  CHECK(take(records, 7) == 1 && records.lost() == 0);
}

void a_drain_tells_whether_the_queue_is_empty() {
  Feed feed;
  const int buffer = 1 << 20;
  setsockopt(feed.in, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  ExitRecords records(feed.out);
  uint32_t sent = 0;
  TaskstatsMessage m;
  const auto bytes = m.bytes();
  while (sent < 100 && send(feed.in, bytes.data(), bytes.size(), 0) > 0) ++sent;
  CHECK(sent > 0);
  uint32_t drains = 0;
  while (!records.drain()) ++drains;
  CHECK(drains == sent / 64);
}

void two_lives_of_a_tid_are_told_apart_in_their_order() {
  Feed feed;
  ExitRecords records(feed.out);
  feed.put(7, 1);
  feed.put(8, 1);
  feed.put(7, 2);
  records.drain();
  CHECK(take(records, 7) == 1);  // EXIT
  records.forget(7);             // FORK
  CHECK(take(records, 7) == 2);  // EXIT
  CHECK(take(records, 8) == 1);
}

void a_record_whose_exit_was_lost_goes_with_the_next_fork() {
  Feed feed;
  ExitRecords records(feed.out);
  feed.put(7, 1);  // its EXIT never comes
  feed.put(8, 1);
  feed.put(7, 2);
  records.drain();
  CHECK(take(records, 8) == 1);
  records.forget(7);
  CHECK(take(records, 7) == 2);
}

void a_record_far_behind_is_of_an_exit_that_was_lost() {
  Feed feed;
  ExitRecords records(feed.out);
  feed.put(7, 1);
  records.drain();
  for (uint32_t i = 0; i < 8192; ++i) {
    feed.put(1000, i + 1);
    records.drain();
    CHECK(take(records, 1000) == i + 1);
  }
  feed.put(1000, 1);
  feed.put(7, 2);
  records.drain();
  CHECK(take(records, 1000) == 1);
  CHECK(take(records, 7) == 2 && records.lost() == 0);
}

void a_leader_whose_tid_was_swapped_away_leaves_its_record_to_nobody() {
  Feed feed;
  ExitRecords records(feed.out);
  // The old leader 7 ends, of a process of several; a thread's exec swaps tids, and its EXIT comes
  // as 8's.
  TaskstatsMessage leader;
  leader.tid = leader.tgid = 7;
  leader.exit_code = 9;
  feed.put(leader.bytes());
  feed.put(7, 1);
  records.drain();
  ExitRecord record;
  CHECK(!records.take(8, record));
  CHECK(records.take_swapped_leader(7, record) && record.exit_code == 9);
  CHECK(take(records, 7) == 1);
  CHECK(!records.take_swapped_leader(7, record));
}

void what_has_to_go_before_its_exit_comes_is_counted() {
  Feed feed;
  ExitRecords records(feed.out);
  for (uint32_t i = 1; i <= 65536 + 10; ++i) {
    feed.put(i, 1);
    records.drain();
  }
  CHECK(records.lost() == 10);
  CHECK(take(records, 10) == 0 && take(records, 11) == 1);
}

void what_cannot_be_read_is_counted_and_costs_only_itself() {
  Feed feed;
  ExitRecords records(feed.out);
  auto cut = TaskstatsMessage().bytes();
  cut.pop_back();
  feed.put(cut);
  feed.put(std::vector<uint8_t>(5000));  // longer than any datagram may be
  TaskstatsMessage answer;
  answer.type = 2;
  feed.put(answer.bytes());
  feed.put(7, 1);
  records.drain();
  CHECK(records.lost() == 2 && take(records, 7) == 1);
}

void the_socket_is_closed_at_the_end() {
  Feed feed;
  { ExitRecords records(feed.out); }
  CHECK(fcntl(feed.out, F_GETFD) < 0);
}

}  // namespace

int main() {
  an_exit_takes_its_record_once();
  a_drain_tells_whether_the_queue_is_empty();
  two_lives_of_a_tid_are_told_apart_in_their_order();
  a_record_whose_exit_was_lost_goes_with_the_next_fork();
  a_record_far_behind_is_of_an_exit_that_was_lost();
  a_leader_whose_tid_was_swapped_away_leaves_its_record_to_nobody();
  what_has_to_go_before_its_exit_comes_is_counted();
  what_cannot_be_read_is_counted_and_costs_only_itself();
  the_socket_is_closed_at_the_end();
}
