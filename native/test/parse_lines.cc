// sources: native/parse.cc
// The parser as a process, for tests in other languages. Input: a line a datagram, its bytes in
// hexadecimal. Output: a line each, a word a message:
//   reject:REASON                      numbers as in enum Reject, but for unknown kinds
//   ack:CPU:SEQ:ACK:ERROR
//   event:W0:...:W15  kind:W0:...:W15  the record's words; kind: of an unknown kind
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "../parse.h"

using namespace procevents;

namespace {

int digit(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

void print(const char* what, const Record& record) {
  printf("%s", what);
  for (const uint32_t word : record.word) printf(":%u", word);
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    // Exactly as long as the datagram, so that a sanitizer sees a read beyond it.
    std::vector<uint8_t> bytes(line.size() / 2);
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<uint8_t>(digit(line[2 * i]) << 4 | digit(line[2 * i + 1]));
    Parser parser(bytes.data(), bytes.size());
    Message message;
    for (const char* gap = ""; parser.next(message) != Message::kEnd; gap = " ") {
      printf("%s", gap);
      if (message.type == Message::kEvent)
        print("event", message.record);
      else if (message.type == Message::kAck)
        printf("ack:%u:%u:%u:%u", message.cpu, message.seq, message.ack, message.ack_error);
      else if (message.reject == kRejectKind)
        print("kind", message.record);
      else
        printf("reject:%u", message.reject);
    }
    printf("\n");
    fflush(stdout);
  }
}
