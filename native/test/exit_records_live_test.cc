// sources: native/exit_records.cc native/exit_record.cc native/exit_socket.cc native/cpu_list.cc native/connector.cc native/parse.cc
// On the kernel of this machine: when the connector's EXIT comes, the record of that task is there,
// and says who it was. What finds no room is counted.
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <unordered_map>

#include "../connector.h"
#include "../exit_records.h"
#include "../exit_socket.h"
#include "../parse.h"
#include "taskstats_message.h"

using namespace procevents;

namespace {

constexpr uint32_t kThreads = 1500;
constexpr uint32_t kProcesses = 500;
constexpr time_t kPatienceSeconds = 10;  // for events that are under way; nothing is judged by time

struct Task {
  uint32_t tgid;
  uint32_t uid;
  uint32_t exit_code;
  std::string name;
  bool last;  // of its process
  bool seen = false;
};
using Tasks = std::unordered_map<uint32_t, Task>;

// A thread under a name and a real uid of its own. Returns its tid.
uint32_t end_a_thread(uint32_t number) {
  struct Arguments {
    uint32_t number;
    uint32_t tid;
  } arguments{number, 0};
  pthread_t thread;
  CHECK(pthread_create(
            &thread, nullptr,
            [](void* p) -> void* {
              auto* a = static_cast<Arguments*>(p);
              pthread_setname_np(pthread_self(), ("t" + std::to_string(a->number)).c_str());
              // The system call: glibc's setresuid changes every thread.
              CHECK(syscall(SYS_setresuid, 10000 + a->number, -1, -1) == 0);
              a->tid = static_cast<uint32_t>(syscall(SYS_gettid));
              return nullptr;
            },
            &arguments) == 0);
  pthread_join(thread, nullptr);
  return arguments.tid;
}

uint32_t end_a_process(const char* program) {
  const char* const arguments[] = {program, nullptr};
  char* const environment[] = {nullptr};
  pid_t pid;
  CHECK(posix_spawn(&pid, program, nullptr, nullptr, const_cast<char* const*>(arguments),
                    environment) == 0);
  int status;
  CHECK(waitpid(pid, &status, 0) == pid);
  return static_cast<uint32_t>(pid);
}

void compare(const ExitRecord& got, const Task& task, uint32_t tid) {
  char comm[17] = {};
  memcpy(comm, got.comm, 16);
  const bool same = got.tid == tid && got.uid == task.uid && comm == task.name &&
                    got.exit_code == task.exit_code &&
                    (!got.has_group || (got.tgid == task.tgid && got.group_dead == task.last));
  if (same) return;
  fprintf(stderr, "tid %u tgid %u uid %u code 0x%x dead %d %s: not task %u of %s\n", got.tid,
          got.tgid, got.uid, got.exit_code, got.group_dead, comm, tid, task.name.c_str());
  exit(1);
}

// Others' storms on this machine may be more than the feeds hold. That is no finding of ours, but
// has to be proven by the counters; a wrong record is never excused.
[[noreturn]] void undecided(const char* what) {
  printf("skipped: the machine is too busy: %s\n", what);
  exit(0);
}

// Reads the connector until each task's EXIT has come, and asks for its record at once.
void join(int connector, ExitRecords& records, Tasks& tasks) {
  size_t left = 0;
  for (const auto& [tid, task] : tasks) left += !task.seen;
  const auto self = static_cast<uint32_t>(getpid());
  const time_t deadline = time(nullptr) + kPatienceSeconds;
  while (left > 0) {
    CHECK(time(nullptr) < deadline);
    pollfd p{connector, POLLIN, 0};
    poll(&p, 1, 100);
    SocketMemory memory;
    CHECK(socket_memory(connector, memory));
    if (memory.drops > 0) undecided("events were lost");
    uint8_t data[640];
    for (ssize_t size; (size = recv(connector, data, sizeof data, 0)) > 0;) {
      Parser parser(data, static_cast<size_t>(size));
      for (Message m; parser.next(m) != Message::kEnd;) {
        if (m.type != Message::kEvent) continue;
        const uint32_t tid = m.record.word[kWordPid];
        if (m.record.kind() == kFork) records.forget(tid);
        if (m.record.kind() != kExit) continue;
        ExitRecord record;
        bool found = records.take(tid, record);
        for (bool empty = false; !found && !empty; found = records.take(tid, record))
          empty = records.drain();
        const auto task = tasks.find(tid);
        // The tid may have been another program's before it was ours. A child that we have reaped
        // by the time of its EXIT has no parent in it.
        const uint32_t parent = m.record.word[kWordOtherTgid];
        const bool ours = m.record.word[kWordTgid] == self || parent == self || parent == 0;
        if (!ours || task == tasks.end() || task->second.seen) continue;
        if (!found && records.lost() > 0) undecided("exit records were lost");
        CHECK(found);
        compare(record, task->second, tid);
        CHECK(record.exit_code == (m.record.word[kWordStatus] & 0xffff));
        task->second.seen = true;
        --left;
      }
    }
  }
}

void every_exit_finds_its_record(int connector, int fd) {
  ExitRecords records(fd);
  const auto self = static_cast<uint32_t>(getpid());
  Tasks tasks;
  for (uint32_t i = 0; i < kThreads; ++i) {
    const uint32_t tid = end_a_thread(i);
    tasks[tid] = {self, 10000 + i, 0, "t" + std::to_string(i), false};
    if (i % 20 == 19) join(connector, records, tasks);
  }
  for (uint32_t i = 0; i < kProcesses; ++i) {
    const bool fails = i % 2 == 0;
    const uint32_t pid = end_a_process(fails ? "/bin/false" : "/bin/true");
    tasks[pid] = {pid, getuid(), fails ? 0x100u : 0u, fails ? "false" : "true", true};
    if (i % 20 == 19) join(connector, records, tasks);
  }
}

// Drops and records received are together at least what we ended; others end tasks too.
void what_finds_no_room_is_counted() {
  int fd = -1;
  uint64_t granted = 0;
  CHECK(!open_exit_records(16384, fd, granted) && granted >= 16384);
  ExitRecords records(fd);
  std::vector<uint32_t> tids;
  for (uint32_t i = 0; i < 200; ++i) tids.push_back(end_a_thread(i));
  uint32_t received = 0;
  for (bool empty = false; !empty;) {
    empty = records.drain();
    ExitRecord record;
    for (const uint32_t tid : tids) received += records.take(tid, record);
  }
  CHECK(records.lost() > 0 && received < 200 && received + records.lost() >= 200);
}

// Whoever is root may send to our port; only the kernel tells who ended.
void a_forged_record_is_not_believed() {
  int fd = -1;
  uint64_t granted;
  CHECK(!open_exit_records(1 << 20, fd, granted));
  ExitRecords records(fd);
  sockaddr_nl to{};
  socklen_t size = sizeof to;
  CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&to), &size) == 0);
  const int forger = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  TaskstatsMessage m;
  m.tid = 5'000'000;  // beyond every pid
  const auto bytes = m.bytes();
  CHECK(sendto(forger, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to),
               sizeof to) == static_cast<ssize_t>(bytes.size()));
  close(forger);
  SocketMemory memory;
  CHECK(socket_memory(fd, memory) && memory.queued > 0);
  while (!records.drain()) continue;
  ExitRecord record;
  CHECK(!records.take(m.tid, record));
}

// In another network namespace registering "succeeds". The thread alone moves there and ends.
void a_feed_that_is_silently_dead_is_noticed() {
  std::atomic<int> outcome{0};  // 0: no namespace to be had
  pthread_t thread;
  CHECK(pthread_create(
            &thread, nullptr,
            [](void* p) -> void* {
              if (unshare(CLONE_NEWNET) != 0) return nullptr;
              int fd = -1;
              uint64_t granted;
              const Failure failure = open_exit_records(1 << 20, fd, granted);
              const bool refused = failure || !prove_exit_records(fd, 200);
              if (!failure) close_exit_records(fd, 0);
              *static_cast<std::atomic<int>*>(p) = refused ? 1 : 2;
              return nullptr;
            },
            &outcome) == 0);
  pthread_join(thread, nullptr);
  CHECK(outcome != 2);
  if (outcome == 0) printf("no network namespace to be had\n");
}

}  // namespace

int main() {
  int fd = -1;
  uint64_t granted = 0;
  if (const Failure failure = open_exit_records(16 << 20, fd, granted)) {
    printf("skipped: no taskstats here (%s, %s)\n", failure.code, strerror(failure.error));
    return 0;
  }
  if (!prove_exit_records(fd, 1000)) {
    printf("skipped: taskstats is silent here\n");
    close_exit_records(fd, 0);
    return 0;
  }
  CHECK(granted == 2u * (16 << 20));  // forced past rmem_max
  Connector connector;
  if (const Failure failure = open_connector(16 << 20, 1000, connector)) {
    printf("skipped: no connector here (%s, %s)\n", failure.code, strerror(failure.error));
    close_exit_records(fd, 0);
    return 0;
  }
  every_exit_finds_its_record(connector.fd, fd);
  close(connector.fd);
  what_finds_no_room_is_counted();
  a_forged_record_is_not_believed();
  a_feed_that_is_silently_dead_is_noticed();
}
