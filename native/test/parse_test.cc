// sources: native/parse.cc
// The parser takes every kind apart as the kernel packs it, and nothing else for an event.
#include "../parse.h"

#include <random>

#include "check.h"

using namespace procevents;

namespace {

// Parses a copy of exactly the right size, so that ASan sees a read beyond it.
std::vector<Message> parse(const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> exact(bytes);
  exact.shrink_to_fit();
  Parser parser(exact.data(), exact.size());
  std::vector<Message> out;
  Message message;
  while (parser.next(message) != Message::kEnd) {
    out.push_back(message);
    CHECK(out.size() <= bytes.size() + 1);
  }
  return out;
}

void rejects(const std::vector<uint8_t>& bytes, Reject why) {
  const auto got = parse(bytes);
  CHECK(got.size() == 1 && got[0].type == Message::kRejected && got[0].reject == why);
}

Record event(const Datagram& d) {
  const auto got = parse(d.bytes());
  CHECK(got.size() == 1 && got[0].type == Message::kEvent && got[0].has_seq);
  CHECK(got[0].seq == d.seq && got[0].cpu == d.cpu);
  return got[0].record;
}

void every_kind_keeps_every_field() {
  Datagram d;
  d.seq = 77;
  d.cpu = 3;
  d.timestamp_ns = 0x1122334455667788;
  for (uint32_t i = 0; i < 6; ++i) d.data[i] = 100 + i;
  const auto head = [&](uint32_t what, Kind kind) {
    d.what = what;
    const Record r = event(d);
    CHECK(r.kind() == kind && r.word[kWordHead] >> 16 == 3 && r.word[kWordSeq] == 77);
    CHECK(r.time() == d.timestamp_ns);
    return r;
  };
  const Record fork = head(kProcEventFork, kFork);
  CHECK(fork.word[kWordOtherPid] == 100 && fork.word[kWordOtherTgid] == 101);
  CHECK(fork.word[kWordPid] == 102 && fork.word[kWordTgid] == 103);
  for (const auto& [what, kind] :
       {std::pair{kProcEventUid, kUid}, std::pair{kProcEventGid, kGid},
        std::pair{kProcEventPtrace, kPtrace}, std::pair{kProcEventCoredump, kCoredump}}) {
    const Record r = head(what, kind);
    CHECK(r.word[kWordPid] == 100 && r.word[kWordTgid] == 101 && r.word[6] == 102 &&
          r.word[7] == 103);
  }
  for (const auto& [what, kind] :
       {std::pair{kProcEventExec, kExec}, std::pair{kProcEventSid, kSid}}) {
    const Record r = head(what, kind);
    CHECK(r.word[kWordPid] == 100 && r.word[kWordTgid] == 101 && r.word[6] == 0 &&
          r.word[kWordComm] == 0);
  }
  d.data[2] = 0x86;
  d.data[3] = 0xffffffff;
  const Record exit = head(kProcEventExit, kExit);
  CHECK(exit.word[kWordStatus] == 0xffff0086);
  CHECK(exit.word[kWordOtherPid] == 104 && exit.word[kWordOtherTgid] == 105);
}

void a_comm_ends_at_its_first_nul() {
  Datagram d;
  d.what = kProcEventComm;
  memcpy(&d.data[2], "ab\0hidden", 10);
  Record r = event(d);
  CHECK(r.word[kWordComm] == 0x6261 && r.word[9] == 0 && r.word[10] == 0 && r.word[11] == 0);
  memset(&d.data[2], 0xff, 16);
  r = event(d);
  CHECK(r.word[9] == 0xffffffff && r.word[11] == 0x00ffffff);
}

void an_ack_is_no_event_but_uses_a_seq() {
  Datagram d;
  d.what = kProcEventNone;
  d.cpu = 0xffffffff;
  d.seq = 5;
  d.ack = 1234;
  d.data[0] = 1;
  const auto got = parse(d.bytes());
  CHECK(got.size() == 1 && got[0].type == Message::kAck && got[0].has_seq);
  CHECK(got[0].ack == 1234 && got[0].ack_error == 1 && got[0].cpu == 0xffffffff);
}

void lengths_are_not_trusted() {
  const auto whole = Datagram().bytes();
  CHECK(whole.size() == kMessageSize);
  for (size_t size = 0; size < whole.size(); ++size)
    rejects({whole.begin(), whole.begin() + static_cast<long>(size)}, kRejectLength);
  for (uint32_t length : {0u, 1u, 15u, 16u, 35u, 36u, 75u, 77u, 0x7fffffffu, 0xffffffffu}) {
    Datagram d;
    d.nlmsg_len = length;
    const auto got = parse(d.bytes());
    CHECK(!got.empty() && got[0].type == Message::kRejected && got[0].reject == kRejectLength);
  }
  for (uint16_t length : {0, 1, 16, 39, 41, 0xffff}) {
    Datagram d;
    d.len = length;
    rejects(d.bytes(), kRejectLength);
  }
}

void what_is_not_the_process_connector_is_named() {
  for (uint16_t type : {0, 1, 2, 4, 16}) {  // NOOP, ERROR, OVERRUN and others
    Datagram d;
    d.nlmsg_type = type;
    rejects(d.bytes(), kRejectConnector);
  }
  Datagram idx, val, kind;
  idx.idx = 2;
  rejects(idx.bytes(), kRejectConnector);
  val.val = 2;
  rejects(val.bytes(), kRejectConnector);
  for (uint32_t what : {3u, 8u, 0x20000000u, 0xffffffffu}) {
    kind.what = what;
    kind.seq = 9;
    const auto got = parse(kind.bytes());
    CHECK(got.size() == 1 && got[0].type == Message::kRejected && got[0].reject == kRejectKind);
    CHECK(got[0].has_seq && got[0].seq == 9);
  }
}

void one_bad_message_costs_only_itself() {
  Datagram bad;
  bad.idx = 7;
  std::vector<uint8_t> bytes;
  for (const Datagram& d : {Datagram(), bad, Datagram()}) {
    const auto more = d.bytes();
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  const auto got = parse(bytes);
  CHECK(got.size() == 3);
  CHECK(got[0].type == Message::kEvent && got[1].type == Message::kRejected &&
        got[2].type == Message::kEvent);
  // A length that lies ends the datagram: nobody knows where the next message begins.
  bytes[kMessageSize] = 5;
  CHECK(parse(bytes).size() == 2);
}

void nothing_crashes_it() {
  std::mt19937 random(20260723);
  const auto whole = Datagram().bytes();
  for (int round = 0; round < 200'000; ++round) {
    std::vector<uint8_t> bytes;
    for (uint32_t copies = random() % 4; copies > 0; --copies)
      bytes.insert(bytes.end(), whole.begin(), whole.end());
    for (uint32_t bends = random() % 8; bends > 0 && !bytes.empty(); --bends)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    if (!bytes.empty()) bytes.resize(bytes.size() - random() % bytes.size());
    parse(bytes);
  }
}

}  // namespace

int main() {
  every_kind_keeps_every_field();
  a_comm_ends_at_its_first_nul();
  an_ack_is_no_event_but_uses_a_seq();
  lengths_are_not_trusted();
  what_is_not_the_process_connector_is_named();
  one_bad_message_costs_only_itself();
  nothing_crashes_it();
}
