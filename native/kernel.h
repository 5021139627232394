// The wire format of the process event connector, by its kernel names (linux/connector.h,
// linux/cn_proc.h). Stated here because Debian 12's <linux/cn_proc.h> does not compile as C++;
// native/test/kernel_test.c checks every figure against the header of the machine that builds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace procevents {

inline constexpr uint32_t kCnIdxProc = 1;
inline constexpr uint32_t kCnValProc = 1;
inline constexpr uint32_t kProcCnMcastListen = 1;
inline constexpr uint32_t kProcCnMcastIgnore = 2;

inline constexpr uint32_t kProcEventNone = 0x00000000;
inline constexpr uint32_t kProcEventFork = 0x00000001;
inline constexpr uint32_t kProcEventExec = 0x00000002;
inline constexpr uint32_t kProcEventUid = 0x00000004;
inline constexpr uint32_t kProcEventGid = 0x00000040;
inline constexpr uint32_t kProcEventSid = 0x00000080;
inline constexpr uint32_t kProcEventPtrace = 0x00000100;
inline constexpr uint32_t kProcEventComm = 0x00000200;
inline constexpr uint32_t kProcEventCoredump = 0x40000000;
inline constexpr uint32_t kProcEventExit = 0x80000000;

// struct nlmsghdr: u32 len, u16 type, u16 flags, u32 seq, u32 pid
inline constexpr size_t kNlmsghdrSize = 16;
// struct cn_msg: u32 idx, u32 val, u32 seq, u32 ack, u16 len, u16 flags
inline constexpr size_t kCnMsgSize = 20;
// struct proc_event: u32 what, u32 cpu, u64 timestamp_ns, 24 bytes of event_data
inline constexpr size_t kProcEventSize = 40;
inline constexpr size_t kMessageSize = kNlmsghdrSize + kCnMsgSize + kProcEventSize;

}  // namespace procevents
