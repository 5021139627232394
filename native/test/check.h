// What the plain native tests share: a check that says where it failed, and a builder of connector
// datagrams.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../kernel.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ::exit(1);                                                              \
    }                                                                         \
  } while (0)

// A message as the kernel sends it; every field can be bent before bytes() is taken.
struct Datagram {
  uint32_t nlmsg_len = procevents::kMessageSize;
  uint16_t nlmsg_type = 3;
  uint32_t idx = procevents::kCnIdxProc;
  uint32_t val = procevents::kCnValProc;
  uint32_t seq = 0;
  uint32_t ack = 0;
  uint16_t len = procevents::kProcEventSize;
  uint32_t what = procevents::kProcEventExec;
  uint32_t cpu = 0;
  uint64_t timestamp_ns = 0;
  uint32_t data[6] = {};

  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> out;
    const auto put = [&out](const auto& value) {
      const auto* p = reinterpret_cast<const uint8_t*>(&value);
      out.insert(out.end(), p, p + sizeof value);
    };
    put(nlmsg_len), put(nlmsg_type), put(uint16_t{0}), put(uint32_t{0}), put(uint32_t{0});
    put(idx), put(val), put(seq), put(ack), put(len), put(uint16_t{0});
    put(what), put(cpu), put(timestamp_ns), put(data);
    return out;
  }
};
