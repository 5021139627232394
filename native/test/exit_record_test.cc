// sources: native/exit_record.cc
// The parser of exit records knows every version's layout, the misplaced one too, and trusts no
// length. The layout is held against the header of this machine.
#include "../exit_record.h"

#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/taskstats.h>

#include <random>

#include "taskstats_message.h"

using namespace procevents;

static_assert(sizeof(genlmsghdr) == kGenlmsghdrSize && sizeof(nlattr) == kNlattrSize);
static_assert(static_cast<uint16_t>(NLA_TYPE_MASK) == kNlaTypeMask);
static_assert(TASKSTATS_CMD_GET == kTaskstatsCmdGet && TASKSTATS_CMD_NEW == kTaskstatsCmdNew);
static_assert(TASKSTATS_CMD_ATTR_REGISTER_CPUMASK == kTaskstatsCmdAttrRegisterCpumask);
static_assert(TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK == kTaskstatsCmdAttrDeregisterCpumask);
static_assert(TASKSTATS_TYPE_PID == kTaskstatsTypePid && TASKSTATS_TYPE_TGID == kTaskstatsTypeTgid);
static_assert(TASKSTATS_TYPE_STATS == kTaskstatsTypeStats);
static_assert(TASKSTATS_TYPE_AGGR_PID == kTaskstatsTypeAggrPid);
static_assert(TASKSTATS_TYPE_AGGR_TGID == kTaskstatsTypeAggrTgid);
static_assert(TS_COMM_LEN == kTsCommLen);
#if TASKSTATS_VERSION == 15
constexpr TaskstatsLayout kHere = kTaskstatsV15;
static_assert(sizeof(taskstats) == kTaskstatsV15Size);
#else
constexpr TaskstatsLayout kHere = kTaskstats;
#endif
static_assert(offsetof(taskstats, version) == kHere.version);
static_assert(offsetof(taskstats, ac_exitcode) == kHere.ac_exitcode);
static_assert(offsetof(taskstats, ac_flag) == kHere.ac_flag);
static_assert(offsetof(taskstats, ac_comm) == kHere.ac_comm);
static_assert(offsetof(taskstats, ac_uid) == kHere.ac_uid);
static_assert(offsetof(taskstats, ac_pid) == kHere.ac_pid);
static_assert(offsetof(taskstats, ac_utime) == kHere.ac_utime);
static_assert(offsetof(taskstats, ac_stime) == kHere.ac_stime);
#if TASKSTATS_VERSION >= 12
static_assert(offsetof(taskstats, ac_tgid) == kHere.ac_tgid);
#endif
#if TASKSTATS_VERSION == 14
static_assert(sizeof(taskstats) == kTaskstatsV14);
#endif
#if TASKSTATS_VERSION >= 12
static_assert(AGROUP == kAgroup);
#endif
// v9 begins where v8 ends.
#if TASKSTATS_VERSION >= 9 && TASKSTATS_VERSION != 15
static_assert(offsetof(taskstats, thrashing_count) == kTaskstatsLeast);
#endif

namespace {

// Parses a copy of exactly the right size, so that ASan sees a read beyond it.
ExitParse parse(const std::vector<uint8_t>& bytes, ExitRecord& out) {
  std::vector<uint8_t> exact(bytes);
  exact.shrink_to_fit();
  return parse_exit_record(exact.data(), exact.size(), out);
}

ExitRecord record(const TaskstatsMessage& m) {
  ExitRecord out;
  CHECK(parse(m.bytes(), out) == ExitParse::kRecord);
  CHECK(out.tid == m.tid && out.uid == m.uid && out.exit_code == m.exit_code);
  CHECK(out.user_us == m.user_us && out.system_us == m.system_us);
  uint8_t comm[16] = {};
  memcpy(comm, m.comm.data(), std::min<size_t>(m.comm.size(), 15));
  CHECK(memcmp(out.comm, comm, sizeof comm) == 0);
  return out;
}

struct Version {
  uint16_t version;
  size_t size;
};
constexpr Version kVersions[] = {{8, 328},  {9, 344},  {10, 352}, {11, 368}, {12, 400},
                                 {13, 416}, {14, 432}, {16, 560}, {17, 688}, {18, 752}};

void every_version_is_read_by_its_own_length() {
  CHECK(TaskstatsMessage().bytes().size() == 596);  // as measured
  for (const auto& [version, size] : kVersions) {
    for (const bool padded : {false, true}) {
      TaskstatsMessage m;
      m.version = version;
      m.size = size;
      m.padded = padded;
      m.flags = kAgroup | 1;
      ExitRecord got = record(m);
      const bool told = version >= 12;
      CHECK(got.has_group == told && got.group_dead == told && got.tgid == (told ? m.tgid : 0));
      m.flags = 0x1f;
      got = record(m);
      CHECK(got.has_group == told && !got.group_dead);
      // With the sum over the process behind it.
      m.group = 71;
      got = record(m);
      CHECK(got.has_group && got.tgid == 71 && got.group_dead == !told);
    }
  }
}

void the_misplaced_fields_of_linux_6_14_are_found() {
  for (const uint16_t version : {14, 15}) {
    TaskstatsMessage m;
    m.version = version;
    m.size = kTaskstatsV15Size;
    m.layout = kTaskstatsV15;
    m.flags = kAgroup;
    const ExitRecord got = record(m);
    CHECK(got.has_group && got.group_dead && got.tgid == m.tgid);
  }
}

void a_layout_that_nobody_knows_is_refused() {
  TaskstatsMessage m;
  m.version = 19;
  m.size = 800;
  m.layout = kTaskstatsV15;
  ExitRecord out;
  CHECK(parse(m.bytes(), out) == ExitParse::kBroken);
  m = {};
  m.stats_pid = 71;
  CHECK(parse(m.bytes(), out) == ExitParse::kBroken);
  m = {};
  m.version = 7;
  m.size = 304;
  CHECK(parse(m.bytes(), out) == ExitParse::kBroken);
}

void a_name_ends_at_its_first_nul_and_after_fifteen_bytes() {
  TaskstatsMessage m;
  m.comm = std::string("ab\0hidden", 9);
  ExitRecord out;
  CHECK(parse(m.bytes(), out) == ExitParse::kRecord);
  CHECK(out.comm[0] == 0x6261 && out.comm[1] == 0 && out.comm[3] == 0);
  m.comm = std::string(32, '\xff');
  CHECK(parse(m.bytes(), out) == ExitParse::kRecord);
  CHECK(out.comm[0] == 0xffffffff && out.comm[3] == 0x00ffffff);
}

void what_tells_of_no_task_is_passed_by() {
  ExitRecord out;
  for (const uint16_t type : {1, 2, 3, 4, 16}) {
    TaskstatsMessage m;
    m.type = type;
    CHECK(parse(m.bytes(), out) == ExitParse::kOther);
  }
  TaskstatsMessage m;
  m.command = 1;
  CHECK(parse(m.bytes(), out) == ExitParse::kOther);
  // The headers alone.
  auto bytes = TaskstatsMessage().bytes();
  bytes.resize(kNlmsghdrSize + kGenlmsghdrSize);
  bytes[0] = static_cast<uint8_t>(bytes.size());
  bytes[1] = 0;
  CHECK(parse(bytes, out) == ExitParse::kOther);
}

void lengths_are_not_trusted() {
  ExitRecord out;
  TaskstatsMessage m;
  m.group = 71;
  const auto whole = m.bytes();
  const auto with = [&](size_t at, auto value) {
    auto bytes = whole;
    memcpy(&bytes[at], &value, sizeof value);
    return bytes;
  };
  for (size_t size = 0; size < whole.size(); ++size) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    CHECK(parse(cut, out) == ExitParse::kBroken);
    // The same with a header that agrees: then only what ends between two attributes is whole.
    if (size < kNlmsghdrSize) continue;
    const auto length = static_cast<uint32_t>(size);
    memcpy(&cut[0], &length, sizeof length);
    const ExitParse got = parse(cut, out);
    CHECK((got == ExitParse::kRecord) == (size == 596));
  }
  for (uint32_t lie : {0u, 1u, 15u, 0x7fffffffu, 0xffffffffu})
    CHECK(parse(with(0, lie), out) == ExitParse::kBroken);
  const size_t outer = kNlmsghdrSize + kGenlmsghdrSize;
  for (size_t at : {outer, outer + 4, outer + 12})  // AGGR_PID, PID, STATS
    for (uint16_t lie : {0, 3, 4, 5, 7, 100, 331, 0xffff})
      CHECK(parse(with(at, lie), out) != ExitParse::kRecord);
}

void nothing_crashes_it() {
  std::mt19937 random(20261123);
  TaskstatsMessage m;
  for (int round = 0; round < 200'000; ++round) {
    m.group = random() % 2;
    m.padded = random() % 2;
    const auto& [version, size] = kVersions[random() % std::size(kVersions)];
    m.version = version;
    m.size = size;
    auto bytes = m.bytes();
    // Mostly where the lengths are.
    for (uint32_t bends = random() % 4; bends > 0; --bends)
      bytes[random() % (random() % 2 ? 40 : bytes.size())] = static_cast<uint8_t>(random());
    if (random() % 2) bytes.resize(bytes.size() - random() % bytes.size());
    ExitRecord out;
    parse(bytes, out);
  }
}

}  // namespace

int main() {
  every_version_is_read_by_its_own_length();
  the_misplaced_fields_of_linux_6_14_are_found();
  a_layout_that_nobody_knows_is_refused();
  a_name_ends_at_its_first_nul_and_after_fifteen_bytes();
  what_tells_of_no_task_is_passed_by();
  lengths_are_not_trusted();
  nothing_crashes_it();
}
