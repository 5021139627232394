// The wire format of exit records, by its kernel names (linux/taskstats.h, linux/genetlink.h), for
// every version: the header of the machine that builds may be older or newer than the kernel that
// runs. native/test/exit_record_test.cc checks every figure against that header.
#pragma once

#include <cstddef>
#include <cstdint>

namespace procevents {

// struct genlmsghdr: u8 cmd, u8 version, u16 reserved
inline constexpr size_t kGenlmsghdrSize = 4;
// struct nlattr: u16 nla_len, u16 nla_type, then what nla_len covers, padded to four bytes
inline constexpr size_t kNlattrSize = 4;
inline constexpr uint16_t kNlaTypeMask = 0x3fff;

inline constexpr uint8_t kTaskstatsCmdGet = 1;
inline constexpr uint8_t kTaskstatsCmdNew = 2;
inline constexpr uint16_t kTaskstatsCmdAttrRegisterCpumask = 3;
inline constexpr uint16_t kTaskstatsCmdAttrDeregisterCpumask = 4;
inline constexpr uint16_t kTaskstatsTypePid = 1;
inline constexpr uint16_t kTaskstatsTypeTgid = 2;
inline constexpr uint16_t kTaskstatsTypeStats = 3;
inline constexpr uint16_t kTaskstatsTypeAggrPid = 4;   // the task that ended
inline constexpr uint16_t kTaskstatsTypeAggrTgid = 5;  // with the last of several: their sum

inline constexpr uint8_t kAgroup = 0x20;  // acct.h AGROUP: the last task of its process
inline constexpr size_t kTsCommLen = 32;

// Offsets in struct taskstats.
struct TaskstatsLayout {
  size_t version = 0;      // u16
  size_t ac_exitcode = 4;  // u32, a wait status; before v12 the leader's alone
  size_t ac_flag = 8;      // u8
  size_t ac_comm = 80;     // TS_COMM_LEN bytes
  size_t ac_uid = 120;     // u32, real
  size_t ac_pid = 128;     // u32
  size_t ac_utime = 152;   // u64, us
  size_t ac_stime = 160;   // u64, us
  size_t ac_tgid = 368;    // u32, from v12 on
};
inline constexpr TaskstatsLayout kTaskstats;

// Linux 6.14 put sixteen new words into the middle, under the names v14 (release candidates) and
// v15, as long as v16, which moved them to the end: three groups of two before ac_comm, three more
// before ac_tgid.
inline constexpr TaskstatsLayout kTaskstatsV15 = {0, 4, 8, 128, 168, 176, 200, 208, 464};

inline constexpr size_t kTaskstatsLeast = 328;  // v8, which every kernel since 2.6.31 has at least
inline constexpr size_t kTaskstatsV14 = 432;
inline constexpr size_t kTaskstatsV15Size = kTaskstatsV14 + 16 * 8;
inline constexpr uint16_t kTaskstatsWithGroup = 12;  // AGROUP and ac_tgid

}  // namespace procevents
