// sources: native/parse.cc
// libFuzzer's entry: any bytes as a datagram. scripts/fuzz.mjs builds it with clang and its
// sanitizers; what it finds it keeps in native/test/corpus/parse/.
#include "../kernel.h"
#include "../parse.h"

using namespace procevents;

namespace {

void demand(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Parser parser(data, size);
  Message message;
  size_t messages = 0;
  while (parser.next(message) != Message::kEnd) {
    // Each but the last takes at least its header.
    demand(++messages <= size / kNlmsghdrSize + 1);
    demand(message.type == Message::kEvent || message.type == Message::kAck ||
           message.type == Message::kRejected);
    if (message.type == Message::kRejected) demand(message.reject < kRejects);
    // What comes from here goes into arrays by kind.
    if (message.type == Message::kEvent) demand(message.record.kind() < kEventKinds);
    // The last byte of a comm is NUL.
    if (message.type == Message::kEvent && message.record.kind() == kComm)
      demand(message.record.word[kWordComm + 3] >> 24 == 0);
  }
  demand(messages >= 1);
  return 0;
}
