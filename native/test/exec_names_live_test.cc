// sources: native/exec_names.cc native/exec_ring.cc native/cpu_list.cc native/connector.cc native/parse.cc
// On the kernel of this machine: every exec, chains too, finds its own name and no other.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <unordered_map>

#include "../connector.h"
#include "../exec_names.h"
#include "../parse.h"
#include "check.h"

using namespace procevents;

namespace {

constexpr uint32_t kPrograms = 2000;
constexpr uint32_t kChains = 500;
constexpr uint32_t kFromThreads = 20;
constexpr time_t kPatienceSeconds = 10;  // for events that are under way; nothing is judged by time

// A folder of links to do-nothing programs, so that each exec goes under a name of its own.
class Folder {
 public:
  Folder() { CHECK(mkdtemp(path_) != nullptr); }
  ~Folder() {
    for (const std::string& link : links_) unlink(link.c_str());
    rmdir(path_);
  }
  const std::string& link(const std::string& name, const char* target) {
    links_.push_back(std::string(path_) + "/" + name);
    CHECK(symlink(target, links_.back().c_str()) == 0);
    return links_.back();
  }

 private:
  char path_[32] = "/tmp/exec-names.XXXXXX";
  std::vector<std::string> links_;
};

std::string text_of(const uint32_t (&comm)[4]) {
  char text[17] = {};
  memcpy(text, comm, 16);
  return text;
}

// Others' storms on this machine may be more than the feeds hold. That is no finding of ours, but
// has to be proven by the counters; a wrong name is never excused.
[[noreturn]] void undecided(const char* what) {
  printf("skipped: the machine is too busy: %s\n", what);
  exit(0);
}

struct Listener {
  Connector connector;
  ExecNames names;
  std::unordered_map<uint32_t, std::vector<std::string>> expected;  // by tgid, the next one last

  // Connector first, then the names: the order that the kernel's order allows.
  void pass() {
    std::vector<Record> execs;
    uint8_t data[640];
    for (ssize_t size; (size = recv(connector.fd, data, sizeof data, 0)) > 0;) {
      Parser parser(data, static_cast<size_t>(size));
      for (Message m; parser.next(m) != Message::kEnd;)
        if (m.type == Message::kEvent && m.record.kind() == kExec) execs.push_back(m.record);
    }
    SocketMemory memory;
    CHECK(socket_memory(connector.fd, memory));
    if (memory.drops > 0) undecided("events were lost");
    names.drain();
    for (const Record& exec : execs) {
      const auto it = expected.find(exec.word[kWordTgid]);
      if (it == expected.end()) continue;
      uint32_t comm[4] = {};
      const bool found = names.take(exec.word[kWordTgid], exec.time(), comm);
      if (!found && names.lost() > 0) undecided("names were lost");
      if (!found || text_of(comm) != it->second.back()) {
        fprintf(stderr, "pid %u: %s instead of %s\n", exec.word[kWordTgid],
                found ? text_of(comm).c_str() : "nothing", it->second.back().c_str());
        exit(1);
      }
      it->second.pop_back();
      if (it->second.empty()) expected.erase(it);
    }
  }

  void until_all_are_seen() {
    const time_t deadline = time(nullptr) + kPatienceSeconds;
    for (pass(); !expected.empty(); pass()) {
      CHECK(time(nullptr) < deadline);
      pollfd p{connector.fd, POLLIN, 0};
      poll(&p, 1, 100);
    }
  }
};

// The pid is known only after the first exec; nothing is read from the feeds in between. Each is
// seen before the next begins: a pid that is handed out again is another program's.
void finish(Listener& listener, pid_t pid, const std::vector<std::string>& names) {
  auto& expected = listener.expected[static_cast<uint32_t>(pid)];
  expected.assign(names.rbegin(), names.rend());
  int status;
  CHECK(waitpid(pid, &status, 0) == pid && status == 0);
  listener.until_all_are_seen();
}

void run(Listener& listener, std::vector<const char*> arguments,
         const std::vector<std::string>& names) {
  arguments.push_back(nullptr);
  pid_t pid;
  char* const environment[] = {nullptr};
  CHECK(posix_spawn(&pid, arguments[0], nullptr, nullptr,
                    const_cast<char* const*>(arguments.data()), environment) == 0);
  finish(listener, pid, names);
}

// The thread becomes the leader in the middle of its exec.
void run_from_a_thread(Listener& listener, const std::string& path, const std::string& name) {
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    pthread_t thread;
    const auto exec = [](void* p) -> void* {
      execl(static_cast<const char*>(p), "true", nullptr);
      _exit(1);
    };
    if (pthread_create(&thread, nullptr, exec, const_cast<char*>(path.c_str())) != 0) _exit(2);
    for (;;) pause();
  }
  finish(listener, pid, {name});
}

}  // namespace

int main() {
  std::vector<int> fds;
  Listener listener;
  if (const Failure failure = open_connector(16 << 20, 1000, listener.connector)) {
    printf("skipped: no connector here (%s, %s)\n", failure.code, strerror(failure.error));
    return 0;
  }
  if (const Failure failure = open_exec_names(fds)) {
    printf("skipped: no perf here (%s, %s)\n", failure.code, strerror(failure.error));
    return 0;
  }
  CHECK(!listener.names.map(fds));

  Folder folder;
  for (uint32_t i = 0; i < kPrograms; ++i) {
    const std::string name = "nothing-" + std::to_string(i);
    run(listener, {folder.link(name, "/bin/true").c_str()}, {name});
  }
  for (uint32_t i = 0; i < kChains; ++i) {
    const std::string n = std::to_string(i);
    const std::string first = folder.link("first-" + n, "/usr/bin/env");
    const std::string second = folder.link("second-" + n, "/usr/bin/env");
    const std::string third = folder.link("third-" + n, "/bin/true");
    run(listener, {first.c_str(), second.c_str(), third.c_str()},
        {"first-" + n, "second-" + n, "third-" + n});
  }
  for (uint32_t i = 0; i < kFromThreads; ++i) {
    const std::string name = "threaded-" + std::to_string(i);
    run_from_a_thread(listener, folder.link(name, "/bin/true"), name);
  }
}
