// What the tests of exit records share: a builder of taskstats datagrams of every version.
#pragma once

#include <string>

#include "../taskstats.h"
#include "check.h"

// A record as the kernel sends it; every field can be bent before bytes() is taken.
struct TaskstatsMessage {
  uint16_t version = 16;
  size_t size = 560;  // of struct taskstats
  procevents::TaskstatsLayout layout;
  uint32_t tid = 70;
  uint32_t stats_pid = 0;  // 0: as tid
  uint32_t tgid = 71;
  uint32_t uid = 1000;
  std::string comm = "name";
  uint32_t exit_code = 0x0100;
  uint8_t flags = 0;
  uint64_t user_us = 4000;
  uint64_t system_us = 8000;
  uint32_t group = 0;    // tgid of an AGGR_TGID part
  bool padded = false;   // TASKSTATS_TYPE_NULL before the stats
  uint16_t type = 0x1d;  // the family's number
  uint8_t command = procevents::kTaskstatsCmdNew;

  std::vector<uint8_t> stats() const {
    std::vector<uint8_t> s(size, 0xee);
    const auto put = [&s](size_t at, auto value) {
      if (at + sizeof value <= s.size()) memcpy(&s[at], &value, sizeof value);
    };
    put(layout.version, version);
    put(layout.ac_exitcode, exit_code);
    put(layout.ac_flag, flags);
    put(layout.ac_uid, uid);
    put(layout.ac_pid, stats_pid ? stats_pid : tid);
    put(layout.ac_utime, user_us);
    put(layout.ac_stime, system_us);
    if (version >= procevents::kTaskstatsWithGroup) put(layout.ac_tgid, tgid);
    memset(&s[layout.ac_comm], 0, procevents::kTsCommLen);
    memcpy(&s[layout.ac_comm], comm.data(), comm.size());
    return s;
  }

  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> out(procevents::kNlmsghdrSize);
    append(out, std::vector<uint8_t>{command, 1, 0, 0});
    append(out, aggregate(procevents::kTaskstatsTypeAggrPid, procevents::kTaskstatsTypePid, tid));
    if (group != 0) {
      append(out,
             aggregate(procevents::kTaskstatsTypeAggrTgid, procevents::kTaskstatsTypeTgid, group));
    }
    const auto length = static_cast<uint32_t>(out.size());
    memcpy(&out[0], &length, sizeof length);
    memcpy(&out[4], &type, sizeof type);
    return out;
  }

 private:
  static void append(std::vector<uint8_t>& to, const std::vector<uint8_t>& more) {
    to.insert(to.end(), more.begin(), more.end());
  }
  static std::vector<uint8_t> attribute(uint16_t type, const std::vector<uint8_t>& payload) {
    const auto length = static_cast<uint16_t>(procevents::kNlattrSize + payload.size());
    std::vector<uint8_t> out(4);
    memcpy(&out[0], &length, sizeof length);
    memcpy(&out[2], &type, sizeof type);
    append(out, payload);
    out.resize((out.size() + 3) / 4 * 4);
    return out;
  }
  std::vector<uint8_t> aggregate(uint16_t type, uint16_t pid_type, uint32_t pid) const {
    std::vector<uint8_t> word(4);
    memcpy(&word[0], &pid, sizeof pid);
    std::vector<uint8_t> inner = attribute(pid_type, word);
    if (padded) append(inner, attribute(6, {}));
    append(inner, attribute(procevents::kTaskstatsTypeStats, stats()));
    return attribute(type, inner);
  }
};
