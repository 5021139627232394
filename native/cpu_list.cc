#include "cpu_list.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "ledger.h"

namespace procevents {

int read_cpu_list(const char* path, std::string& out) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  // sysfs shows at most a page, all of it in one read.
  char text[65536];
  const ssize_t size = read(fd, text, sizeof text);
  const int error = size < 0 ? errno : 0;
  close(fd);
  if (error != 0) return error;
  out.assign(text, static_cast<size_t>(size));
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return 0;
}

bool parse_cpu_list(std::string_view text, std::vector<int>& out) {
  out.clear();
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&at, end](int& value) {
    if (at == end || *at < '0' || *at > '9') return false;
    const auto [stop, error] = std::from_chars(at, end, value);
    at = stop;
    return error == std::errc() && value < static_cast<int>(Ledger::kMaxCpus);
  };
  for (;;) {
    int first = 0, last = 0;
    bool sound = number(first);
    last = first;
    if (sound && at != end && *at == '-') {
      ++at;
      sound = number(last) && last >= first;
    }
    // Rising, so that no CPU comes twice.
    if (!sound || (!out.empty() && first <= out.back())) break;
    for (int cpu = first; cpu <= last; ++cpu) out.push_back(cpu);
    if (at == end) return true;
    if (*at++ != ',') break;
  }
  out.clear();
  return false;
}

}  // namespace procevents
