// Stage: start-up. The kernel's lists of CPUs ("0-3,8,10-11") in, CPU numbers out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace procevents {

inline constexpr const char* kOnlineCpus = "/sys/devices/system/cpu/online";
inline constexpr const char* kPossibleCpus = "/sys/devices/system/cpu/possible";

// The list as the kernel writes it, without the newline. Returns 0 or an errno.
int read_cpu_list(const char* path, std::string& out);

// False, and nothing in `out`, for whatever is not such a list.
bool parse_cpu_list(std::string_view text, std::vector<int>& out);

}  // namespace procevents
