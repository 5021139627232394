// The judge: a connector listener of its own, sharing no code with native/. Input: the kernel's
// events, and commands on stdin. Output: text lines on stdout. What it says the kernel sent is what
// a test may demand.
//
//   judge [--quiet]   --quiet: no line an event, only counts
//   > wait KIND PID   answers `seen KIND PID` once such an event came (since PID was last forked)
//   > totals          answers `totals {...}` for all that was queued when it was asked
//   end of stdin      sends IGNORE, prints `totals {...}`, ends with 0
//
// An event's line: kind cpu seq timestamp, then the kernel's fields in their order; a comm in hex.
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel grants twice this: room for 645,000 events of 832 bytes, more than a test here makes.
#define RECEIVE_BUFFER (256 << 20)
#define BATCH 256              // datagrams a system call
#define DATAGRAM 256           // an event takes 76 bytes
#define CPUS 8192              // the kernel's own limit (CONFIG_NR_CPUS)
#define PIDS 4194304           // PID_MAX_LIMIT
#define WAITS 8192             // tests wait for some thousand events at once, at most
#define ACK_MILLISECONDS 5000  // the ack comes within microseconds, or never
#define LIFE_SECONDS 1800      // a judge whose test has died must not stay

enum kind { FORK, EXEC, UID, GID, SID, PTRACE, COMM, COREDUMP, EXIT, NONE, KINDS };
static const char *const names[KINDS] = {"fork",   "exec", "uid",      "gid",  "sid",
                                         "ptrace", "comm", "coredump", "exit", "none"};
static const uint32_t bits[KINDS] = {0x1,   0x2,   0x4,        0x40,       0x80,
                                     0x100, 0x200, 0x40000000, 0x80000000, 0};

static int connector;
static bool quiet;
static uint64_t counts[KINDS], lost, strange;
static uint32_t last_seq[CPUS];
static bool known_cpu[CPUS];
static uint8_t seen[KINDS][PIDS / 8];
static struct {
  enum kind kind;
  uint32_t pid;
} waits[WAITS];
static size_t wait_count;
static uint32_t expected_ack;
static bool acked;

static void die(const char *what) {
  fprintf(stderr, "judge: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void send_op(enum proc_cn_mcast_op op, uint32_t ack) {
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
  body->ack = ack;
  body->len = sizeof(uint32_t);
  uint32_t value = op;
  memcpy(body->data, &value, sizeof value);
  if (send(connector, &message, message.header.nlmsg_len, 0) < 0) die("send");
}

static bool is_seen(enum kind kind, uint32_t pid) {
  return pid < PIDS && (seen[kind][pid / 8] >> (pid % 8) & 1);
}

static void see(enum kind kind, uint32_t pid) {
  if (pid >= PIDS) return;
  if (kind == FORK) {  // a new task: what was seen of an older one with this pid is history
    for (int each = 0; each < KINDS; each++) seen[each][pid / 8] &= ~(1u << (pid % 8));
  }
  seen[kind][pid / 8] |= 1u << (pid % 8);
  for (size_t i = 0; i < wait_count; i++) {
    if (waits[i].kind != kind || waits[i].pid != pid) continue;
    printf("seen %s %u\n", names[kind], pid);
    waits[i--] = waits[--wait_count];
  }
}

// Every message uses up one number of its CPU, NONE too: a gap is an exact count of the lost.
static void keep_ledger(uint32_t cpu, uint32_t seq) {
  if (cpu >= CPUS) return;  // old kernels' acks say 0xffffffff
  if (known_cpu[cpu]) lost += (uint32_t)(seq - last_seq[cpu] - 1);
  known_cpu[cpu] = true;
  last_seq[cpu] = seq;
}

static void print_event(enum kind kind, const struct cn_msg *message, const uint32_t *field,
                        const struct proc_event *event) {
  static const int fields[KINDS] = {4, 2, 4, 4, 2, 4, 2, 4, 6, 1};
  printf("%s %u %u %" PRIu64, names[kind], event->cpu, message->seq, (uint64_t)event->timestamp_ns);
  for (int i = 0; i < fields[kind]; i++) printf(" %u", field[i]);
  if (kind == COMM) {
    putchar(' ');
    for (int i = 0; i < 16; i++) printf("%02x", ((const unsigned char *)(field + 2))[i]);
  }
  putchar('\n');
}

static void take_message(const struct cn_msg *message) {
  struct proc_event event;
  if (message->id.idx != CN_IDX_PROC || message->id.val != CN_VAL_PROC ||
      message->len < sizeof event) {
    strange++;
    return;
  }
  memcpy(&event, message->data, sizeof event);
  uint32_t what;
  memcpy(&what, &event, sizeof what);
  int kind = 0;
  while (kind < KINDS && bits[kind] != what) kind++;
  if (kind == KINDS) {
    strange++;
    return;
  }
  keep_ledger(event.cpu, message->seq);
  counts[kind]++;
  uint32_t field[6];
  memcpy(field, &event.event_data, sizeof field);
  if (kind == NONE && message->ack == expected_ack) acked = true;
  if (!quiet) print_event(kind, message, field, &event);
  if (kind != NONE) see(kind, kind == FORK ? field[2] : field[0]);
}

static void take_datagram(const char *bytes, size_t size, const struct sockaddr_nl *sender) {
  if (sender->nl_pid != 0) {
    strange++;
    return;
  }
  const struct nlmsghdr *header = (const struct nlmsghdr *)bytes;
  for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
    if (header->nlmsg_type == NLMSG_DONE &&
        header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct cn_msg)))
      take_message(NLMSG_DATA(header));
    else
      strange++;
  }
}

// Takes what is queued, but not what a storm adds for ever.
static void drain(int most_calls) {
  static char bytes[BATCH][DATAGRAM] __attribute__((aligned(8)));
  static struct sockaddr_nl senders[BATCH];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  while (most_calls-- > 0) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){bytes[i], DATAGRAM};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &senders[i],
                                            .msg_namelen = sizeof senders[i],
                                            .msg_iov = &vectors[i],
                                            .msg_iovlen = 1};
    }
    int taken = recvmmsg(connector, messages, BATCH, MSG_DONTWAIT, NULL);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno == EAGAIN) return;
    if (taken < 0) die("recvmmsg");
    for (int i = 0; i < taken; i++) take_datagram(bytes[i], messages[i].msg_len, &senders[i]);
    if (taken < BATCH) return;
  }
}

static void print_totals(void) {
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  if (getsockopt(connector, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0) die("SO_MEMINFO");
  printf("totals {");
  for (int kind = 0; kind < KINDS; kind++) printf("\"%s\":%" PRIu64 ",", names[kind], counts[kind]);
  printf("\"lost\":%" PRIu64 ",\"drops\":%u,\"strange\":%" PRIu64 "}\n", lost,
         memory[SK_MEMINFO_DROPS], strange);
}

static void obey(const char *line) {
  char kind_name[16];
  uint32_t pid;
  if (strcmp(line, "totals") == 0) {
    drain(RECEIVE_BUFFER / DATAGRAM / BATCH);  // bounded by what the queue can hold
    print_totals();
    return;
  }
  if (sscanf(line, "wait %15s %u", kind_name, &pid) != 2) {
    fprintf(stderr, "judge: unknown command: %s\n", line);
    exit(1);
  }
  int kind = 0;
  while (kind < KINDS && strcmp(names[kind], kind_name) != 0) kind++;
  if (kind == KINDS || wait_count == WAITS) {
    fprintf(stderr, "judge: cannot wait: %s\n", line);
    exit(1);
  }
  if (is_seen(kind, pid)) {
    printf("seen %s %u\n", kind_name, pid);
    return;
  }
  waits[wait_count].kind = kind;
  waits[wait_count++].pid = pid;
}

// False at the end of stdin.
static bool read_commands(void) {
  static char text[65536];
  static size_t used;
  ssize_t got = read(STDIN_FILENO, text + used, sizeof text - used);
  if (got <= 0) return false;
  used += got;
  char *start = text, *end;
  while ((end = memchr(start, '\n', text + used - start))) {
    *end = 0;
    obey(start);
    start = end + 1;
  }
  used -= start - text;
  memmove(text, start, used);
  return true;
}

static void open_connector(void) {
  connector = socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  if (connector < 0) die("socket");
  int size = RECEIVE_BUFFER, yes = 1;
  if (setsockopt(connector, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    die("SO_RCVBUFFORCE");
  if (setsockopt(connector, SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes) < 0)
    die("NETLINK_NO_ENOBUFS");
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  if (bind(connector, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  uint32_t ack;
  if (getrandom(&ack, sizeof ack, 0) != sizeof ack) die("getrandom");
  expected_ack = ack + 1;
  send_op(PROC_CN_MCAST_LISTEN, ack);
  struct pollfd readable = {connector, POLLIN, 0};
  while (!acked) {
    if (poll(&readable, 1, ACK_MILLISECONDS) == 0) {
      fprintf(stderr, "judge: no ack from the kernel\n");
      exit(1);
    }
    drain(1);
  }
}

int main(int argc, char **argv) {
  quiet = argc == 2 && strcmp(argv[1], "--quiet") == 0;
  if (argc > 1 && !quiet) {
    fprintf(stderr, "usage: judge [--quiet]\n");
    return 2;
  }
  alarm(LIFE_SECONDS);
  signal(SIGPIPE, SIG_DFL);
  static char buffer[1 << 20];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  open_connector();
  puts("ready");
  fflush(stdout);
  struct pollfd sources[2] = {{connector, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    if (poll(sources, 2, -1) < 0 && errno != EINTR) die("poll");
    if (sources[0].revents) drain(16);
    if (sources[1].revents && !read_commands()) break;
    fflush(stdout);
  }
  send_op(PROC_CN_MCAST_IGNORE, 0);
  drain(RECEIVE_BUFFER / DATAGRAM / BATCH);
  print_totals();
  return 0;
}
