// The seam's words: what one 64-byte ring record and the published figures hold.
// src/collector/record.ts names the same words for TypeScript; test/unit/collector/layout.test.ts
// compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storm_seconds.h"

namespace procevents {

// Kinds of records. The first nine are the kernel's events, in the order of the contract's `event`
// label.
enum Kind : uint8_t {
  kFork,
  kExec,
  kUid,
  kGid,
  kSid,
  kPtrace,
  kComm,
  kCoredump,
  kExit,
  kEventKinds,
  kLost = kEventKinds,  // something is missing before this record
  // For consumers that take everything (Intake::Wants::whole):
  kUnknown,  // a kind that is none of the above
  kGap,      // a CPU's numbers leap before this record: what LOST said, or will say, by CPU
};

// Words of a record. Word 0 is kind | flags << 8 | cpu << 16.
enum Word : uint8_t {
  kWordHead = 0,
  kWordSeq = 1,
  kWordTimeLow = 2,  // CLOCK_MONOTONIC, ns
  kWordTimeHigh = 3,
  kWordPid = 4,  // FORK: the child; else the task that the event is about
  kWordTgid = 5,
  kWordOtherPid = 6,   // FORK, COREDUMP, EXIT: parent; PTRACE: tracer (0: detached)
  kWordOtherTgid = 7,  //
  kWordRealId = 6,     // UID, GID
  kWordEffectiveId = 7,
  kWordLostCount = 6,   // LOST, GAP: how many, saturated
  kWordWhat = 4,        // UNKNOWN: proc_event.what, how long its event_data is, and the first
  kWordDataLength = 5,  // 40 bytes of that
  kWordData = 6,
  kWordComm = 8,     // COMM, EXEC: four words, zeroed after the first NUL
  kWordStatus = 12,  // EXIT: exit_code | exit_signal << 16
  // EXIT with kFlagRecord: the task's exit record; its comm is in kWordComm
  kWordExitUid = 13,
  kWordExitUser = 14,    // CPU time, µs >> (flags >> kExitShift)
  kWordExitSystem = 15,  //
  kRecordWords = 16,
};

// Flags of word 0, by kind.
enum Flag : uint8_t {
  kFlagNamed = 1,      // EXEC: the comm words hold the name of this very exec, by perf
  kFlagRead = 2,       // EXEC: they hold what /proc said when the event was taken
  kFlagRecord = 1,     // EXIT: the exit record is there
  kFlagHasGroup = 2,   // EXIT: ...and it tells whether this was the last task of its process:
  kFlagGroupDead = 4,  //
  kExitShift = 3,      // EXIT: the five bits above say by how much the CPU times are shifted
  // LOST, GAP: where
  kLostInKernel = 0,
  kLostInSocket = 1,
  kLostInRing = 2,
};

struct alignas(64) Record {
  uint32_t word[kRecordWords];

  Kind kind() const { return static_cast<Kind>(word[kWordHead] & 0xff); }
  void set_head(Kind kind, uint8_t flags, uint32_t cpu) {
    word[kWordHead] = kind | (static_cast<uint32_t>(flags) << 8) | (cpu << 16);
  }
  uint64_t time() const {
    return word[kWordTimeLow] | (static_cast<uint64_t>(word[kWordTimeHigh]) << 32);
  }
};
static_assert(sizeof(Record) == 64);

// Figures that the collector thread counts and publishes with the ring position that they belong
// to.
enum Figure : uint8_t {
  kFigureEvents = 0,  // by kind
  kFigureShed = kFigureEvents + kEventKinds,
  kFigureRejected = kFigureShed + kEventKinds,  // by Reject: sender, length, connector, kind
  kFigureLostKernel = kFigureRejected + 4,
  kFigureLostSocket,
  kFigureOverruns,
  kFigureRingPosition,   // records ever published; the low 32 bits are the ring's head
  kFigureCutDone,        // number of the last cut request that is answered
  kFigureLastPass,       // CLOCK_MONOTONIC ns, also moved once a second when idle
  kFigureReceiveBuffer,  // bytes, as the kernel accounts them
  kFigureReceiveUsed,    // bytes
  kFigureExitBuffer,     // of the taskstats socket, likewise
  kFigureExitUsed,
  kFigureLostExitRecords,
  kFigureLostExecNames,
  kFigureExecNames,   // 1 when perf's rings are mapped
  kFigureDrained,     // CLOCK_MONOTONIC ns: all events from before have been taken
  kFigureProbeErrno,  // why the tail probe could not reach a CPU, 0 when it could
  kFigureState,       // a State
  kFigureErrno,       // why it died
  kFigureSeconds,     // closed seconds by how many processes were created: buckets
  kFigureSecondsSum = kFigureSeconds + kSecondBuckets,
  kFigureSecondsEnd,    // kernel seconds before this one are closed
  kFigureStorms,        // storms begun, and seconds over the threshold
  kFigureStormSeconds,  //
  // Of the storm under way, else of the last one:
  kFigureStormOpen,         // 1 until it has ended
  kFigureStormFirst,        // its first second over the threshold, in seconds of kernel time
  kFigureStormLast,         // ...and its last
  kFigureStormFirstUnixMs,  // the same, as they were in CLOCK_REALTIME when they were closed
  kFigureStormLastUnixMs,   //
  kFigureStormLength,       // seconds over the threshold
  kFigureStormPeak,         // processes created in the worst of them
  kFigureStormCreated,      // processes created from the first to the last
  kFigureShedUnknown,       // shed records of kUnknown
  kFigureUntold,            // 1 while losses wait for room in the ring to be told
  kFigures,
};

// The figure of one kind or reason.
constexpr size_t figure(Figure first, uint32_t index) { return first + index; }

enum State : uint8_t { kStateRuns, kStateStopped, kStateDied };

}  // namespace procevents
