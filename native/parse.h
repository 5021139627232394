// Stage: parse. Bytes of one datagram in; events (as ring records), acks and rejections out. Pure:
// no I/O, no state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "record.h"

namespace procevents {

// Why a message is not taken for an event; the order of the contract's `reason` label.
enum Reject : uint8_t { kRejectSender, kRejectLength, kRejectConnector, kRejectKind, kRejects };

struct Message {
  enum Type : uint8_t { kEvent, kAck, kRejected, kEnd } type;
  Reject reject;       // kRejected
  bool has_seq;        // seq and cpu are the kernel's own, so they belong into the ledger
  uint32_t cpu;        // proc_event.cpu, unchecked: old kernels say 0xffffffff in an ack
  uint32_t seq;        // cn_msg.seq
  uint32_t ack;        // cn_msg.ack
  uint32_t ack_error;  // kAck: a positive errno or 0
  uint64_t time_ns;    // with has_seq: proc_event.timestamp_ns
  Record record;       // kEvent; of kRejectKind what is known of it
};

// Walks the messages of one datagram. The caller has checked the sender.
class Parser {
 public:
  Parser(const uint8_t* data, size_t size) : at_(data), left_(size) {}

  // Fills `out` with the next message and returns its type; kEnd when none is left. A message whose
  // own length cannot be trusted is the last one.
  Message::Type next(Message& out);

 private:
  const uint8_t* at_;
  size_t left_;
  bool first_ = true;
};

}  // namespace procevents
