// Says IGNORE or LISTEN on a connector socket that it has inherited, as that socket's own process
// would. Input: the fd, and ignore or listen. Output: nothing; the kernel's ack goes to the socket.
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: hush FD ignore|listen\n");
    return 2;
  }
  union {
    struct nlmsghdr header;
    char bytes[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof(uint32_t))];
  } message;
  memset(&message, 0, sizeof message);
  message.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof(uint32_t));
  message.header.nlmsg_type = NLMSG_DONE;
  struct cn_msg *body = NLMSG_DATA(&message.header);
  body->id.idx = CN_IDX_PROC;
  body->id.val = CN_VAL_PROC;
  body->len = sizeof(uint32_t);
  uint32_t op = strcmp(argv[2], "listen") == 0 ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE;
  memcpy(body->data, &op, sizeof op);
  if (send(atoi(argv[1]), &message, message.header.nlmsg_len, 0) < 0) {
    fprintf(stderr, "hush: %s\n", strerror(errno));
    return 1;
  }
  return 0;
}
