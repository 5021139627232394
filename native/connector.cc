#include "connector.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "kernel.h"
#include "parse.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

namespace procevents {
namespace {

int64_t now_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// One datagram at a time, so that nothing behind the ack is taken from the queue.
Failure await_ack(int fd, uint32_t ack, int timeout_ms) {
  const int64_t deadline = now_ms() + timeout_ms;
  for (;;) {
    alignas(8) uint8_t data[512];
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size =
        recvfrom(fd, data, sizeof data, 0, reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size >= 0) {
      Parser parser(data, static_cast<size_t>(size));
      Message message;
      while (sender.nl_pid == 0 && parser.next(message) != Message::kEnd) {
        // The ack of another program's request reaches us too; only ours carries our number.
        if (message.type != Message::kAck || message.ack != ack + 1) continue;
        if (message.ack_error == 0) return {};
        return {"PROCEVENTS_CONNECTOR_ACK_ERROR", static_cast<int>(message.ack_error)};
      }
    } else if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
      return {"PROCEVENTS_CONNECTOR_SOCKET", errno};
    }
    const int64_t left = deadline - now_ms();
    if (left <= 0) return {"PROCEVENTS_CONNECTOR_NO_ACK", ETIMEDOUT};
    if (size >= 0) continue;
    pollfd p{fd, POLLIN, 0};
    poll(&p, 1, static_cast<int>(left));
  }
}

Failure set_up(int fd, uint32_t receive_buffer, int timeout_ms, Connector& out) {
  const int asked = static_cast<int>(receive_buffer);
  // From Linux 6.6 on anybody may listen; without CAP_NET_ADMIN the kernel grants at most
  // net.core.rmem_max, and says so in what it has granted.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &asked, sizeof asked) != 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &asked, sizeof asked) != 0)
    return {"PROCEVENTS_CONNECTOR_BUFFER", errno};
  int granted = 0;
  socklen_t granted_size = sizeof granted;
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &granted_size) != 0)
    return {"PROCEVENTS_CONNECTOR_BUFFER", errno};
  out.receive_buffer = static_cast<uint64_t>(granted);

  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = kCnIdxProc;
  if (bind(fd, reinterpret_cast<sockaddr*>(&self), sizeof self) != 0)
    return {"PROCEVENTS_CONNECTOR_BIND", errno};

  // Without it the first overrun makes the kernel refuse everything until the queue is wholly
  // empty. Losses are found by sequence numbers and the drop counter instead.
  const int on = 1;
  if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on) != 0)
    return {"PROCEVENTS_CONNECTOR_SOCKET", errno};

  uint32_t ack = 0;
  if (getrandom(&ack, sizeof ack, GRND_NONBLOCK) != sizeof ack)
    ack = static_cast<uint32_t>(now_ms()) ^ (static_cast<uint32_t>(getpid()) << 16);
  if (const int error = send_operation(fd, kProcCnMcastListen, ack))
    return {"PROCEVENTS_CONNECTOR_SEND", error};
  return await_ack(fd, ack, timeout_ms);
}

}  // namespace

Failure open_connector(uint32_t receive_buffer, int timeout_ms, Connector& out) {
  const int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  if (fd < 0) return {"PROCEVENTS_CONNECTOR_SOCKET", errno};
  const Failure failure = set_up(fd, receive_buffer, timeout_ms, out);
  if (failure) {
    close(fd);
    return failure;
  }
  out.fd = fd;
  return {};
}

namespace {

// `operation` and, with size 8, `event_types`: struct proc_input, of Linux 6.6.
int send_request(int fd, uint32_t operation, uint32_t event_types, uint16_t size, uint32_t ack) {
  struct {
    nlmsghdr header;
    uint32_t idx, val, seq, ack;
    uint16_t len, flags;
    uint32_t operation, event_types;
  } request{};
  static_assert(sizeof request == kNlmsghdrSize + kCnMsgSize + 8);
  const size_t total = kNlmsghdrSize + kCnMsgSize + size;
  request.header.nlmsg_len = static_cast<uint32_t>(total);
  request.header.nlmsg_type = NLMSG_DONE;
  request.idx = kCnIdxProc;
  request.val = kCnValProc;
  request.ack = ack;
  request.len = size;
  request.operation = operation;
  request.event_types = event_types;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(fd, &request, total, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

}  // namespace

int send_operation(int fd, uint32_t operation, uint32_t ack) {
  return send_request(fd, operation, 0, sizeof operation, ack);
}

int send_filter(int fd, uint32_t event_types) {
  return send_request(fd, kProcCnMcastListen, event_types, 8, 0);
}

bool socket_memory(int fd, SocketMemory& out) {
  uint32_t info[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof info;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) != 0) return false;
  out = {info[SK_MEMINFO_RMEM_ALLOC], info[SK_MEMINFO_RCVBUF], info[SK_MEMINFO_DROPS]};
  return true;
}

}  // namespace procevents
