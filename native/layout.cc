#include "layout.h"

#include <string>

#include "record.h"
#include "ring.h"

namespace procevents {

Napi::Object layout(Napi::Env env) {
  Napi::Object o = Napi::Object::New(env);
#define WORD(name) o.Set(#name, Napi::Number::New(env, name))
  WORD(kFork), WORD(kExec), WORD(kUid), WORD(kGid), WORD(kSid), WORD(kPtrace), WORD(kComm),
      WORD(kCoredump);
  WORD(kExit), WORD(kEventKinds), WORD(kLost), WORD(kUnknown), WORD(kGap);
  WORD(kWordHead), WORD(kWordSeq), WORD(kWordTimeLow), WORD(kWordTimeHigh), WORD(kWordPid),
      WORD(kWordTgid);
  WORD(kWordOtherPid), WORD(kWordOtherTgid), WORD(kWordRealId), WORD(kWordEffectiveId),
      WORD(kWordLostCount);
  WORD(kWordComm), WORD(kWordStatus), WORD(kRecordWords);
  WORD(kWordWhat), WORD(kWordDataLength), WORD(kWordData);
  WORD(kWordExitUid), WORD(kWordExitUser), WORD(kWordExitSystem);
  WORD(kFlagRead), WORD(kFlagRecord), WORD(kFlagHasGroup), WORD(kFlagGroupDead), WORD(kExitShift);
  WORD(kFigureExitBuffer), WORD(kFigureExitUsed), WORD(kFigureLostExitRecords);
  WORD(kFigureLostExecNames), WORD(kFigureExecNames), WORD(kFigureDrained), WORD(kFigureProbeErrno);
  WORD(kFlagNamed), WORD(kLostInKernel), WORD(kLostInSocket), WORD(kLostInRing);
  WORD(kFigureEvents), WORD(kFigureShed), WORD(kFigureRejected), WORD(kFigureLostKernel),
      WORD(kFigureLostSocket);
  WORD(kFigureOverruns), WORD(kFigureRingPosition), WORD(kFigureCutDone), WORD(kFigureLastPass);
  WORD(kFigureReceiveBuffer), WORD(kFigureReceiveUsed), WORD(kFigureState), WORD(kFigureErrno),
      WORD(kFigures);
  WORD(kFigureSeconds), WORD(kFigureSecondsSum), WORD(kFigureSecondsEnd), WORD(kSecondBuckets);
  WORD(kFigureStorms), WORD(kFigureStormSeconds), WORD(kFigureStormOpen), WORD(kFigureStormFirst);
  WORD(kFigureStormLast), WORD(kFigureStormFirstUnixMs), WORD(kFigureStormLastUnixMs);
  WORD(kFigureStormLength), WORD(kFigureStormPeak), WORD(kFigureStormCreated);
  WORD(kFigureShedUnknown), WORD(kFigureUntold);
  WORD(kStateRuns), WORD(kStateStopped), WORD(kStateDied);
#undef WORD
  for (size_t i = 0; i + 1 < kSecondBuckets; ++i)
    o.Set("kSecondBounds" + std::to_string(i), Napi::Number::New(env, kSecondBounds[i]));
  o.Set("kControlBytes", Napi::Number::New(env, Ring::kControlBytes));
  o.Set("kWordRingHead", Napi::Number::New(env, Ring::kWordRingHead));
  o.Set("kWordRingTail", Napi::Number::New(env, Ring::kWordRingTail));
  o.Set("kWordRingArmed", Napi::Number::New(env, Ring::kWordRingArmed));
  return o;
}

}  // namespace procevents
