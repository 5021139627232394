#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace procevents {

int notify(std::string_view address, std::string_view message) {
  if (address.size() < 2 || (address[0] != '/' && address[0] != '@')) return EINVAL;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  // One byte stays free: a path ends with a NUL.
  if (address.size() >= sizeof to.sun_path) return ENAMETOOLONG;
  memcpy(to.sun_path, address.data(), address.size());
  socklen_t size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  // An abstract name begins with a NUL, and ends where its length says.
  if (address[0] == '@')
    to.sun_path[0] = '\0';
  else
    ++size;
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  // The kernel adds our pid, by which the service manager knows us.
  const ssize_t sent = sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&to), size);
  const int error = sent < 0 ? errno : 0;
  close(fd);
  return error;
}

}  // namespace procevents
