// The service manager's end of NOTIFY_SOCKET: notified ADDRESS. Prints "bound", then for each
// message a line: the sender's pid, a space, and the message with its line breaks as "; ". Ends
// with its stdin.
#define _GNU_SOURCE
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void print(int fd) {
  char text[4096];
  char control[CMSG_SPACE(sizeof(struct ucred))];
  struct iovec part = {text, sizeof text - 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  const ssize_t size = recvmsg(fd, &message, 0);
  if (size < 0) exit(1);
  text[size] = '\0';
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  struct ucred sender = {0};
  if (header != NULL && header->cmsg_type == SCM_CREDENTIALS)
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
  printf("%d ", (int)sender.pid);
  for (const char *c = text; *c != '\0'; ++c) *c == '\n' ? fputs("; ", stdout) : putchar(*c);
  putchar('\n');
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const size_t length = strlen(argv[1]);
  memcpy(address.sun_path, argv[1], length);
  if (argv[1][0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) return 1;
  if (bind(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length) != 0) {
    perror("bind");
    return 1;
  }
  // systemd's own is open to all.
  if (argv[1][0] != '@' && chmod(argv[1], 0777) != 0) return 1;
  puts("bound");
  for (;;) {
    struct pollfd p[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
    if (poll(p, 2, -1) < 0) return 1;
    if (p[0].revents != 0) print(fd);
    if (p[1].revents != 0) {
      char c;
      if (read(0, &c, 1) <= 0) return 0;
    }
  }
}
