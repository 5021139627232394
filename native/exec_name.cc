#include "exec_name.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace procevents {

bool read_comm(int procfs, uint32_t tgid, uint32_t (&comm)[4]) {
  char path[32];
  snprintf(path, sizeof path, "%u/comm", tgid);
  const int fd = openat(procfs, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[64];
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  // The name ends in a newline of its own; a newline before it belongs to the name.
  if (size <= 0 || text[size - 1] != '\n') return false;
  const size_t length = size - 1 < 15 ? static_cast<size_t>(size - 1) : 15;
  memset(comm, 0, sizeof comm);
  memcpy(comm, text, length);
  return true;
}

}  // namespace procevents
