// Stage: naming an exec from /proc, on the collector thread, at once: the process may be gone a
// millisecond later.
#pragma once

#include <cstdint>

namespace procevents {

// Reads <procfs>/<tgid>/comm into four words, zeroed after the name. `procfs` is a directory
// descriptor. False when the process is gone or the name cannot be read.
bool read_comm(int procfs, uint32_t tgid, uint32_t (&comm)[4]);

}  // namespace procevents
