#include "exit_record.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "taskstats.h"

namespace procevents {
namespace {

template <class T>
T get(const uint8_t* at) {
  T value;
  memcpy(&value, at, sizeof value);
  return value;
}

struct Attribute {
  uint16_t type;
  const uint8_t* data;
  size_t size;
};

// Walks attributes. Types that nobody asks for (the kernel pads with TASKSTATS_TYPE_NULL on
// machines that need 64-bit alignment) pass by. `broken` when a length lies.
class Attributes {
 public:
  Attributes(const uint8_t* data, size_t size) : at_(data), left_(size) {}

  bool next(Attribute& out) {
    if (left_ == 0) return false;
    const size_t length = left_ < kNlattrSize ? 0 : get<uint16_t>(at_);
    if (length < kNlattrSize || length > left_) {
      broken = true;
      return false;
    }
    out.type = get<uint16_t>(at_ + 2) & kNlaTypeMask;
    out.data = at_ + kNlattrSize;
    out.size = length - kNlattrSize;
    const size_t step =
        std::min<size_t>(NLMSG_ALIGN(length), left_);  // the last one's padding may be left out
    at_ += step;
    left_ -= step;
    return true;
  }

  bool broken = false;

 private:
  const uint8_t* at_;
  size_t left_;
};

bool parse_stats(const Attribute& stats, ExitRecord& out) {
  if (stats.size < kTaskstatsLeast) return false;
  const uint16_t version = get<uint16_t>(stats.data + kTaskstats.version);
  const bool moved = (version == 14 || version == 15) && stats.size >= kTaskstatsV15Size;
  const TaskstatsLayout& at = moved ? kTaskstatsV15 : kTaskstats;
  const uint8_t* s = stats.data;
  // The kernel says the pid twice. A layout that we do not know shows here, once and for all.
  if (get<uint32_t>(s + at.ac_pid) != out.tid) return false;
  out.uid = get<uint32_t>(s + at.ac_uid);
  out.exit_code = get<uint32_t>(s + at.ac_exitcode);
  out.user_us = get<uint64_t>(s + at.ac_utime);
  out.system_us = get<uint64_t>(s + at.ac_stime);
  const char* name = reinterpret_cast<const char*>(s + at.ac_comm);
  memcpy(out.comm, name, strnlen(name, sizeof out.comm - 1));
  if (version >= kTaskstatsWithGroup && stats.size >= at.ac_tgid + sizeof out.tgid) {
    out.tgid = get<uint32_t>(s + at.ac_tgid);
    out.group_dead = (s[at.ac_flag] & kAgroup) != 0;
    out.has_group = true;
  }
  return true;
}

// AGGR_PID and AGGR_TGID hold a pid and a struct taskstats. Returns the pid, 0 if there is none.
uint32_t take_apart(const Attribute& aggregate, uint16_t pid_type, Attribute& stats) {
  uint32_t pid = 0;
  stats = {};
  Attributes inner(aggregate.data, aggregate.size);
  for (Attribute a; inner.next(a);) {
    if (a.type == pid_type && a.size >= sizeof pid) pid = get<uint32_t>(a.data);
    if (a.type == kTaskstatsTypeStats) stats = a;
  }
  return inner.broken ? 0 : pid;
}

}  // namespace

ExitParse parse_exit_record(const uint8_t* data, size_t size, ExitRecord& out) {
  if (size < kNlmsghdrSize) return ExitParse::kBroken;
  const uint32_t length = get<uint32_t>(data);
  if (length < kNlmsghdrSize || length > size) return ExitParse::kBroken;
  // Acks and errors; the family that answers for all families is the smallest of the others.
  if (get<uint16_t>(data + 4) <= NLMSG_MIN_TYPE) return ExitParse::kOther;
  if (length < kNlmsghdrSize + kGenlmsghdrSize) return ExitParse::kBroken;
  if (data[kNlmsghdrSize] != kTaskstatsCmdNew) return ExitParse::kOther;

  out = {};
  bool found = false;
  uint32_t group = 0;
  const size_t headers = kNlmsghdrSize + kGenlmsghdrSize;
  Attributes outer(data + headers, length - headers);
  for (Attribute a; outer.next(a);) {
    Attribute stats;
    if (a.type == kTaskstatsTypeAggrPid && !found) {
      out.tid = take_apart(a, kTaskstatsTypePid, stats);
      if (out.tid == 0 || !parse_stats(stats, out)) return ExitParse::kBroken;
      found = true;
    } else if (a.type == kTaskstatsTypeAggrTgid) {
      group = take_apart(a, kTaskstatsTypeTgid, stats);
    }
  }
  if (outer.broken) return ExitParse::kBroken;
  if (!found) return ExitParse::kOther;
  // The sum over a process is sent with the last of its tasks. Its existence is all that we need of
  // it, and only where the record itself does not tell.
  if (group != 0 && !out.has_group) {
    out.tgid = group;
    out.group_dead = out.has_group = true;
  }
  return ExitParse::kRecord;
}

}  // namespace procevents
