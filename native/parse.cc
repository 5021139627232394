#include "parse.h"

#include <linux/netlink.h>

#include <cstring>

#include "kernel.h"

namespace procevents {
namespace {

uint16_t u16(const uint8_t* p) {
  uint16_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

uint32_t u32(const uint8_t* p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

Message::Type reject(Message& out, Reject why) {
  out.reject = why;
  return out.type = Message::kRejected;
}

// Copies `words` words of event_data to where the record keeps them.
void copy(Record& r, Word to, const uint8_t* from, size_t words) {
  memcpy(&r.word[to], from, words * 4);
}

// comm: 16 bytes, zeroed after the first NUL so that equal names are equal words.
void copy_comm(Record& r, const uint8_t* from) {
  uint8_t comm[16] = {};
  memcpy(comm, from, strnlen(reinterpret_cast<const char*>(from), 15));
  memcpy(&r.word[kWordComm], comm, sizeof comm);
}

// A kind of a later kernel: what it is, and its data as far as a record has room.
void keep_unknown(const uint8_t* event, size_t size, Record& r) {
  constexpr size_t kRoom = (kRecordWords - kWordData) * 4;
  const size_t length = size - 16;
  r.set_head(kUnknown, 0, u32(event + 4));
  copy(r, kWordTimeLow, event + 8, 2);
  r.word[kWordWhat] = u32(event);
  r.word[kWordDataLength] = static_cast<uint32_t>(length);
  memcpy(&r.word[kWordData], event + 16, length < kRoom ? length : kRoom);
}

// `event` is a whole proc_event. Unknown kinds return false.
bool parse_event(const uint8_t* event, Record& r) {
  const uint8_t* data = event + 16;
  Kind kind;
  switch (u32(event)) {
    case kProcEventFork:  // parent_pid, parent_tgid, child_pid, child_tgid
      kind = kFork;
      copy(r, kWordOtherPid, data, 2);
      copy(r, kWordPid, data + 8, 2);
      break;
    case kProcEventExec:
      kind = kExec;
      copy(r, kWordPid, data, 2);
      break;
    case kProcEventUid:  // process_pid, process_tgid, r.ruid, e.euid
      kind = kUid;
      copy(r, kWordPid, data, 4);
      break;
    case kProcEventGid:
      kind = kGid;
      copy(r, kWordPid, data, 4);
      break;
    case kProcEventSid:
      kind = kSid;
      copy(r, kWordPid, data, 2);
      break;
    case kProcEventPtrace:  // process_pid, process_tgid, tracer_pid, tracer_tgid
      kind = kPtrace;
      copy(r, kWordPid, data, 4);
      break;
    case kProcEventComm:
      kind = kComm;
      copy(r, kWordPid, data, 2);
      copy_comm(r, data + 8);
      break;
    case kProcEventCoredump:  // process_pid, process_tgid, parent_pid, parent_tgid
      kind = kCoredump;
      copy(r, kWordPid, data, 4);
      break;
    case kProcEventExit:  // process_pid, process_tgid, exit_code, exit_signal, parent_pid,
                          // parent_tgid
      kind = kExit;
      copy(r, kWordPid, data, 2);
      // A wait status has 16 bits; exit_signal is a signal number or -1 for a thread.
      r.word[kWordStatus] = (u32(data + 8) & 0xffff) | (u32(data + 12) << 16);
      copy(r, kWordOtherPid, data + 16, 2);
      break;
    default:
      return false;
  }
  r.set_head(kind, 0, u32(event + 4));
  copy(r, kWordTimeLow, event + 8, 2);
  return true;
}

}  // namespace

Message::Type Parser::next(Message& out) {
  out.has_seq = false;
  if (left_ == 0 && !first_) return out.type = Message::kEnd;
  first_ = false;

  const uint8_t* at = at_;
  const size_t left = left_;
  left_ = 0;  // until this message's own length has proved sound
  if (left < kNlmsghdrSize) return reject(out, kRejectLength);
  const uint32_t length = u32(at);
  if (length < kNlmsghdrSize || length > left) return reject(out, kRejectLength);
  const size_t aligned = NLMSG_ALIGN(static_cast<size_t>(length));
  if (aligned < left) {
    at_ = at + aligned;
    left_ = left - aligned;
  }

  // cn_netlink_send sends NLMSG_DONE only; NOOP, ERROR and OVERRUN come from elsewhere.
  if (u16(at + 4) != NLMSG_DONE) return reject(out, kRejectConnector);
  if (length < kNlmsghdrSize + kCnMsgSize) return reject(out, kRejectLength);
  const uint8_t* cn = at + kNlmsghdrSize;
  if (u32(cn) != kCnIdxProc || u32(cn + 4) != kCnValProc) return reject(out, kRejectConnector);
  const size_t payload = length - kNlmsghdrSize - kCnMsgSize;
  const size_t said = u16(cn + 16);
  if (said > payload || said < kProcEventSize) return reject(out, kRejectLength);

  const uint8_t* event = cn + kCnMsgSize;
  out.seq = u32(cn + 8);
  out.ack = u32(cn + 12);
  out.cpu = u32(event + 4);
  memcpy(&out.time_ns, event + 8, sizeof out.time_ns);
  out.has_seq = true;
  if (u32(event) == kProcEventNone) {
    out.ack_error = u32(event + 16);
    return out.type = Message::kAck;
  }
  memset(&out.record, 0, sizeof out.record);
  const bool known = parse_event(event, out.record);
  if (!known) keep_unknown(event, said, out.record);
  out.record.word[kWordSeq] = out.seq;
  if (!known) return reject(out, kRejectKind);
  return out.type = Message::kEvent;
}

}  // namespace procevents
