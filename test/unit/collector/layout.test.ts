import { expect, test } from 'vitest';
import { native } from '../../../src/collector/native.ts';
import * as record from '../../../src/collector/record.ts';
import { EVENT_KINDS as SHOWN } from '../../../src/exposition/cut.ts';

// The names on both sides of the seam, C++ left, TypeScript right.
const SAME: Record<string, number> = {
  kFork: record.FORK,
  kExec: record.EXEC,
  kUid: record.UID,
  kComm: record.COMM,
  kCoredump: record.COREDUMP,
  kExit: record.EXIT,
  kEventKinds: record.EVENT_KINDS.length,
  kLost: record.LOST,
  kGid: record.GID,
  kSid: record.SID,
  kPtrace: record.PTRACE,
  kRecordWords: record.RECORD_WORDS,
  kWordHead: record.WORD_HEAD,
  kWordSeq: record.WORD_SEQ,
  kWordTimeLow: record.WORD_TIME_LOW,
  kWordTimeHigh: record.WORD_TIME_HIGH,
  kWordPid: record.WORD_PID,
  kWordTgid: record.WORD_TGID,
  kWordOtherPid: record.WORD_OTHER_PID,
  kWordOtherTgid: record.WORD_OTHER_TGID,
  kWordRealId: record.WORD_REAL_ID,
  kWordEffectiveId: record.WORD_EFFECTIVE_ID,
  kWordLostCount: record.WORD_LOST_COUNT,
  kWordComm: record.WORD_COMM,
  kWordStatus: record.WORD_STATUS,
  kWordExitUid: record.WORD_EXIT_UID,
  kWordExitUser: record.WORD_EXIT_USER,
  kWordExitSystem: record.WORD_EXIT_SYSTEM,
  kFlagNamed: record.FLAG_NAMED,
  kFlagRead: record.FLAG_READ,
  kFlagRecord: record.FLAG_RECORD,
  kFlagHasGroup: record.FLAG_HAS_GROUP,
  kFlagGroupDead: record.FLAG_GROUP_DEAD,
  kExitShift: record.EXIT_SHIFT,
  kLostInKernel: record.LOST_IN_KERNEL,
  kLostInSocket: record.LOST_IN_SOCKET,
  kLostInRing: record.LOST_IN_RING,
  kControlBytes: record.CONTROL_BYTES,
  kWordRingHead: record.CONTROL_HEAD,
  kWordRingTail: record.CONTROL_TAIL,
  kWordRingArmed: record.CONTROL_ARMED,
  kFigureEvents: record.FIGURES.events,
  kFigureShed: record.FIGURES.shed,
  kFigureRejected: record.FIGURES.rejected,
  kFigureLostKernel: record.FIGURES.lostKernel,
  kFigureLostSocket: record.FIGURES.lostSocket,
  kFigureOverruns: record.FIGURES.overruns,
  kFigureRingPosition: record.FIGURES.ringPosition,
  kFigureCutDone: record.FIGURES.cutDone,
  kFigureLastPass: record.FIGURES.lastPass,
  kFigureReceiveBuffer: record.FIGURES.receiveBuffer,
  kFigureReceiveUsed: record.FIGURES.receiveUsed,
  kFigureExitBuffer: record.FIGURES.exitBuffer,
  kFigureExitUsed: record.FIGURES.exitUsed,
  kFigureLostExitRecords: record.FIGURES.lostExitRecords,
  kFigureLostExecNames: record.FIGURES.lostExecNames,
  kFigureExecNames: record.FIGURES.execNames,
  kFigureDrained: record.FIGURES.drained,
  kFigureProbeErrno: record.FIGURES.probeErrno,
  kFigureState: record.FIGURES.state,
  kFigureErrno: record.FIGURES.errno,
  kFigureSeconds: record.FIGURES.seconds,
  kFigureSecondsSum: record.FIGURES.secondsSum,
  kFigureSecondsEnd: record.FIGURES.secondsEnd,
  kSecondBuckets: record.SECOND_BUCKETS,
  kFigureStorms: record.FIGURES.storms,
  kFigureStormSeconds: record.FIGURES.stormSeconds,
  kFigureStormOpen: record.FIGURES.stormOpen,
  kFigureStormFirst: record.FIGURES.stormFirst,
  kFigureStormLast: record.FIGURES.stormLast,
  kFigureStormFirstUnixMs: record.FIGURES.stormFirstUnixMs,
  kFigureStormLastUnixMs: record.FIGURES.stormLastUnixMs,
  kFigureStormLength: record.FIGURES.stormLength,
  kFigureStormPeak: record.FIGURES.stormPeak,
  kFigureStormCreated: record.FIGURES.stormCreated,
  kFigures: record.FIGURE_COUNT,
  kStateRuns: record.STATE_RUNS,
  kStateStopped: record.STATE_STOPPED,
  kStateDied: record.STATE_DIED,
};

test('both sides of the seam name the same words', () => {
  expect(native().layout).toMatchObject(SAME);
  const bounds = record.SECOND_BOUNDS.map((bound, i) => [`kSecondBounds${i}`, bound]);
  expect(native().layout).toMatchObject(Object.fromEntries(bounds));
  const kinds = [
    'kFork',
    'kExec',
    'kUid',
    'kGid',
    'kSid',
    'kPtrace',
    'kComm',
    'kCoredump',
    'kExit',
  ];
  expect(kinds.map((kind) => native().layout[kind])).toEqual([...record.EVENT_KINDS.keys()]);
});

test('the kinds that are shown stand in the order in which they are counted', () => {
  expect(SHOWN).toEqual(record.EVENT_KINDS);
});
