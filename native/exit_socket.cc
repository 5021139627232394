#include "exit_socket.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "cpu_list.h"
#include "exit_record.h"
#include "kernel.h"
#include "taskstats.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

namespace procevents {
namespace {

// The kernel answers a request of ours before sendto returns; the rest is for a stopped machine.
constexpr int kAnswerMs = 1000;
// The requests' numbers: an exit record has none.
constexpr uint32_t kFamilyRequest = 1;
constexpr uint32_t kRegisterRequest = 2;
constexpr uint32_t kDeregisterRequest = 3;

int64_t now_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// A generic netlink request with one attribute, a string.
int send_request(int fd, uint16_t family, uint16_t flags, uint32_t number, uint8_t command,
                 uint16_t attribute, const std::string& value) {
  const size_t attribute_size = kNlattrSize + value.size() + 1;
  if (attribute_size > UINT16_MAX) return E2BIG;
  const size_t headers = kNlmsghdrSize + kGenlmsghdrSize;
  std::vector<uint8_t> request(headers + NLMSG_ALIGN(attribute_size));
  const nlmsghdr header{static_cast<uint32_t>(request.size()), family,
                        static_cast<uint16_t>(NLM_F_REQUEST | flags), number, 0};
  const genlmsghdr generic{command, 1, 0};
  const nlattr name{static_cast<uint16_t>(attribute_size), attribute};
  memcpy(request.data(), &header, sizeof header);
  memcpy(request.data() + kNlmsghdrSize, &generic, sizeof generic);
  memcpy(request.data() + headers, &name, sizeof name);
  memcpy(request.data() + headers + kNlattrSize, value.c_str(), value.size() + 1);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(fd, request.data(), request.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
                  sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

// Waits for datagrams from the kernel until `wanted` says that one was it. Returns 0 or an errno.
template <class Wanted>
int await(int fd, int timeout_ms, Wanted wanted) {
  const int64_t deadline = now_ms() + timeout_ms;
  for (;;) {
    alignas(8) uint8_t data[4096];
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size =
        recvfrom(fd, data, sizeof data, 0, reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size >= 0 && sender.nl_pid == 0 && wanted(data, static_cast<size_t>(size))) return 0;
    if (size < 0 && errno != EAGAIN && errno != EINTR) return errno;
    // Also when datagrams keep coming: under a storm they never end.
    const int64_t left = deadline - now_ms();
    if (left <= 0) return ETIMEDOUT;
    if (size >= 0) continue;
    pollfd p{fd, POLLIN, 0};
    poll(&p, 1, static_cast<int>(left));
  }
}

bool read_header(const uint8_t* data, size_t size, uint32_t number, nlmsghdr& out) {
  if (size < sizeof out) return false;
  memcpy(&out, data, sizeof out);
  return out.nlmsg_len >= sizeof out && out.nlmsg_len <= size && out.nlmsg_seq == number;
}

// What an NLMSG_ERROR message says: 0 or an errno.
int error_of(const uint8_t* data, size_t size) {
  int error = -EBADMSG;
  if (size >= sizeof(nlmsghdr) + sizeof error)
    memcpy(&error, data + sizeof(nlmsghdr), sizeof error);
  return -error;
}

int resolve_family(int fd, uint16_t& family) {
  if (const int error = send_request(fd, GENL_ID_CTRL, 0, kFamilyRequest, CTRL_CMD_GETFAMILY,
                                     CTRL_ATTR_FAMILY_NAME, "TASKSTATS"))
    return error;
  int answer = 0;
  const int error = await(fd, kAnswerMs, [&](const uint8_t* data, size_t size) {
    nlmsghdr header;
    if (!read_header(data, size, kFamilyRequest, header)) return false;
    if (header.nlmsg_type == NLMSG_ERROR) {
      answer = error_of(data, size);
      return true;
    }
    size_t at = kNlmsghdrSize + kGenlmsghdrSize;
    for (nlattr a; at + sizeof a <= header.nlmsg_len; at += NLMSG_ALIGN(a.nla_len)) {
      memcpy(&a, data + at, sizeof a);
      if (a.nla_len < sizeof a || at + a.nla_len > header.nlmsg_len) break;
      if (a.nla_type == CTRL_ATTR_FAMILY_ID && a.nla_len >= sizeof a + sizeof family)
        memcpy(&family, data + at + sizeof a, sizeof family);
    }
    answer = family == 0 ? EBADMSG : 0;
    return true;
  });
  return error != 0 ? error : answer;
}

int register_cpus(int fd, uint16_t family, const std::string& cpus) {
  if (const int error = send_request(fd, family, NLM_F_ACK, kRegisterRequest, kTaskstatsCmdGet,
                                     kTaskstatsCmdAttrRegisterCpumask, cpus))
    return error;
  int answer = 0;
  // The first exits may stand before the answer.
  const int error = await(fd, kAnswerMs, [&](const uint8_t* data, size_t size) {
    nlmsghdr header;
    if (!read_header(data, size, kRegisterRequest, header)) return false;
    if (header.nlmsg_type != NLMSG_ERROR) return false;
    answer = error_of(data, size);
    return true;
  });
  return error != 0 ? error : answer;
}

int set_up(int fd, uint32_t receive_buffer, uint64_t& granted) {
  const int asked = static_cast<int>(receive_buffer);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &asked, sizeof asked) != 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &asked, sizeof asked) != 0)
    return errno;
  int size = 0;
  socklen_t size_size = sizeof size;
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &size_size) != 0) return errno;
  granted = static_cast<uint64_t>(size);
  // As with the connector: else the first overrun refuses everything until the queue is empty.
  const int on = 1;
  if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on) != 0) return errno;
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<sockaddr*>(&self), sizeof self) != 0) return errno;
  uint16_t family = 0;
  if (const int error = resolve_family(fd, family)) return error;
  // As text, so that the kernel parses its own list.
  std::string cpus;
  if (const int error = read_cpu_list(kPossibleCpus, cpus)) return error;
  return register_cpus(fd, family, cpus);
}

}  // namespace

Failure open_exit_records(uint32_t receive_buffer, int& fd, uint64_t& granted) {
  const int opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
  const int error = opened < 0 ? errno : set_up(opened, receive_buffer, granted);
  if (error == 0) {
    fd = opened;
    return {};
  }
  if (opened >= 0) close(opened);
  return {"PROCEVENTS_TASKSTATS", error};
}

bool prove_exit_records(int fd, int timeout_ms) {
  pthread_t thread;
  uint32_t tid = 0;
  const auto note_tid = [](void* out) -> void* {
    *static_cast<uint32_t*>(out) = static_cast<uint32_t>(syscall(SYS_gettid));
    return nullptr;
  };
  if (pthread_create(&thread, nullptr, note_tid, &tid) != 0) return false;
  pthread_join(thread, nullptr);
  return await(fd, timeout_ms, [tid](const uint8_t* data, size_t size) {
           ExitRecord record;
           return parse_exit_record(data, size, record) == ExitParse::kRecord && record.tid == tid;
         }) == 0;
}

void close_exit_records(int fd, uint16_t family) {
  std::string cpus;
  if (family != 0 && read_cpu_list(kPossibleCpus, cpus) == 0)
    send_request(fd, family, 0, kDeregisterRequest, kTaskstatsCmdGet,
                 kTaskstatsCmdAttrDeregisterCpumask, cpus);
  close(fd);
}

}  // namespace procevents
