// Stage: service manager. One message of the sd_notify protocol to the socket that NOTIFY_SOCKET
// names. Beside the way of the data; any thread.
#pragma once

#include <string_view>

namespace procevents {

// `address` is an absolute path, or @ and a name in the abstract namespace. Never waits. Returns 0
// or an errno: EAGAIN when the queue of the other side is full, EINVAL for any other kind of
// address, ENAMETOOLONG for what does not fit.
int notify(std::string_view address, std::string_view message);

}  // namespace procevents
