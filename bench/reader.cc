// The floor: a bare reader of the daemon's sources that only counts. Opens them as the daemon does,
// lets events gather for 5 ms, drains with recvmmsg. Prints "ready", ends with its stdin, then
// prints its counts as JSON. reader [connector|taskstats]: the connector alone, or the exit records
// too
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../native/connector.h"
#include "../native/exit_socket.h"
#include "../native/kernel.h"

namespace {

constexpr int kBatch = 250;
constexpr size_t kDatagram = 2048;
mmsghdr headers[kBatch];
iovec vectors[kBatch];
char data[kBatch][kDatagram];

// Takes all that is queued. Returns how many datagrams that was.
long drain(int fd) {
  long total = 0;
  for (;;) {
    const int received = recvmmsg(fd, headers, kBatch, MSG_DONTWAIT, nullptr);
    if (received <= 0) return total;
    total += received;
    if (received < kBatch) return total;
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace procevents;
  const bool taskstats = argc > 1 && strcmp(argv[1], "taskstats") == 0;
  int exits = -1;
  uint64_t granted = 0;
  Connector connector;
  if (taskstats && open_exit_records(64 << 20, exits, granted)) return 1;
  if (open_connector(64 << 20, 1000, connector)) return 1;
  for (int i = 0; i < kBatch; ++i) {
    vectors[i] = {data[i], kDatagram};
    headers[i].msg_hdr = {};
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  printf("ready\n");
  fflush(stdout);
  long events = 0;
  long records = 0;
  for (;;) {
    pollfd p{0, POLLIN, 0};
    if (poll(&p, 1, 5) > 0) break;
    events += drain(connector.fd);
    if (exits >= 0) records += drain(exits);
  }
  send_operation(connector.fd, kProcCnMcastIgnore, 0);
  printf("{\"events\":%ld,\"records\":%ld}\n", events, records);
}
