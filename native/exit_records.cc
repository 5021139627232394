#include "exit_records.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "connector.h"
#include "exit_socket.h"
#include "kernel.h"

namespace procevents {
namespace {

// Bytes a datagram: v16 sends 1,172 with the group part, v17 1,428.
constexpr size_t kDatagram = 4096;
// Records that wait for their EXIT. Drained only while one is looked for, they run ahead of the
// connector by a batch; but where one is missing, by all that is queued: 104,000 in 64 MiB at most.
constexpr uint32_t kRecords = 65536;
// A task may be held up between its record and its EXIT while others pass. A record this far behind
// the newest one taken (0.2 s at 40,000 exits a second) has lost its EXIT.
constexpr uint64_t kOvertaken = 8192;

}  // namespace

struct ExitRecords::Batch {
  mmsghdr header[kBatch];
  iovec vector[kBatch];
  sockaddr_nl sender[kBatch];
  alignas(8) uint8_t data[kBatch][kDatagram];
};

ExitRecords::ExitRecords(int fd) : fd_(fd), batch_(new Batch), records_(kRecords) {
  int domain = 0;
  socklen_t domain_size = sizeof domain;
  netlink_ =
      getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 && domain == AF_NETLINK;
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) {
    b.vector[i] = {b.data[i], kDatagram};
    b.header[i].msg_hdr = {};
    b.header[i].msg_hdr.msg_iov = &b.vector[i];
    b.header[i].msg_hdr.msg_iovlen = 1;
    b.header[i].msg_hdr.msg_name = &b.sender[i];
  }
}

ExitRecords::~ExitRecords() { close_exit_records(fd_, netlink_ ? family_ : 0); }

bool ExitRecords::drain() {
  Batch& b = *batch_;
  for (int i = 0; i < kBatch; ++i) b.header[i].msg_hdr.msg_namelen = sizeof b.sender[i];
  int received;
  do {
    received = recvmmsg(fd_, b.header, kBatch, MSG_DONTWAIT, nullptr);
  } while (received < 0 && errno == EINTR);
  for (int i = 0; i < received; ++i) take_datagram(i);
  count_drops();
  return received < kBatch;
}

void ExitRecords::take_datagram(int index) {
  Batch& b = *batch_;
  const msghdr& header = b.header[index].msg_hdr;
  // Any process can send to our port; only the kernel's own is 0.
  if (netlink_ && (header.msg_namelen < sizeof(sockaddr_nl) || b.sender[index].nl_pid != 0)) return;
  ExitRecord record;
  const ExitParse parsed = header.msg_flags & MSG_TRUNC
                               ? ExitParse::kBroken
                               : parse_exit_record(b.data[index], b.header[index].msg_len, record);
  if (parsed == ExitParse::kBroken) ++lost_;
  if (parsed != ExitParse::kRecord) return;
  memcpy(&family_, b.data[index] + 4, sizeof family_);
  uint64_t pushed_out;
  records_.add(record.tid, record, pushed_out);
  // One whose EXIT the connector lost is no loss of ours.
  if (pushed_out != 0 && pushed_out + kOvertaken >= newest_taken_) ++lost_;
}

void ExitRecords::count_drops() {
  SocketMemory memory;
  if (!socket_memory(fd_, memory)) return;
  lost_ += memory.drops - drops_seen_;
  drops_seen_ = memory.drops;
}

template <class Fits>
bool ExitRecords::take_oldest(uint32_t tid, ExitRecord& out, Fits fits) {
  uint64_t oldest = 0;
  records_.sweep(tid, [&](uint64_t position, const ExitRecord& record) {
    if (position + kOvertaken < newest_taken_) return true;
    if (!fits(record)) return false;
    oldest = position;
    out = record;
    return false;
  });
  if (oldest == 0) return false;
  records_.sweep(tid,
                 [oldest](uint64_t position, const ExitRecord&) { return position == oldest; });
  if (oldest > newest_taken_) newest_taken_ = oldest;
  return true;
}

bool ExitRecords::take(uint32_t tid, ExitRecord& out) {
  return take_oldest(tid, out, [](const ExitRecord&) { return true; });
}

bool ExitRecords::take_swapped_leader(uint32_t tgid, ExitRecord& out) {
  return take_oldest(tgid, out, [](const ExitRecord& r) { return !r.has_group || !r.group_dead; });
}

// A record that was taken came before its EXIT, that EXIT before this FORK, and this FORK before
// the record of the life that it begins. So no record of the new life stands before a taken one.
void ExitRecords::forget(uint32_t tid) {
  records_.sweep(
      tid, [this](uint64_t position, const ExitRecord&) { return position <= newest_taken_; });
}

}  // namespace procevents
