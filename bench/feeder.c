// Stands in for the kernel where it is too slow, or where 100,000 processes would be too many: runs
// a command with a socket as descriptor 3, and writes connector datagrams into the other end.
// Input: options, then one line on stdin for each phase. Output: a JSON line after each phase;
// whatever the command prints goes there too. End of stdin: ends the command (SIGTERM) and waits
// for it.
//
//   feeder [--live N] [--pairs N] [--records N] [--rate R] [--batch N] [--kind fork|comm] --
//   COMMAND
//
// First phase: N processes that stay are born, and N that rename themselves and end. Second and
// later ones: RECORDS records, R a second (0: as fast as they are taken), up to 8 in a datagram;
// fork: processes that are born and end, some 500 of them alive; comm: one process renames itself.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../test/programs/connector.h"

#define RECORDS_LIMIT 1000000000L
#define LIVE_LIMIT 1000000L  // with pids from FIRST_PID on still below the kernel's 2^22 * 2
#define BATCH_LIMIT 8        // what the receiver has room for in one datagram
#define BURST 64             // datagrams a system call
#define QUEUE "16384"        // datagrams; 5 ms of gathering at 2,000,000 records/s are 1,250
#define BUFFER (64 << 20)    // bytes, of either socket
#define SETUP_RATE 200000    // records/s: nothing piles up in the ring
#define CPUS 2
#define FIRST_PID 4194304  // PID_MAX_LIMIT: no real process has it
#define WINDOW 1024
#define TICK_NANOSECONDS 1000000L

static long live, pairs, records, rate, batch = BATCH_LIMIT;
static bool renames;
static int out;
static uint32_t seqs[CPUS];

static void die(const char *what) {
  fprintf(stderr, "feeder: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

// The event's own part of record i of a phase.
typedef void maker(long i, struct message *m);

static void make_fork(struct message *m, uint32_t pid) {
  const uint32_t parent = getpid();
  m->what = FORK;
  m->data[0] = m->data[1] = parent;
  m->data[2] = m->data[3] = pid;
}

static void make_exit(struct message *m, uint32_t pid) {
  m->what = EXIT;
  m->data[0] = m->data[1] = pid;
  m->data[3] = SIGCHLD;
  m->data[4] = m->data[5] = getpid();
}

static void make_comm(struct message *m, uint32_t pid, long number) {
  char name[32] = {0};  // 12 bytes and the NUL
  snprintf(name, sizeof name, "pair-%07ld", number);
  m->what = COMM;
  m->data[0] = m->data[1] = pid;
  memcpy(m->data + 2, name, 16);
}

static void set_up(long i, struct message *m) {
  // Half of the window, and all that stay.
  if (i < WINDOW / 2 + live) return make_fork(m, FIRST_PID + WINDOW / 2 + i);
  i -= WINDOW / 2 + live;
  if (i % 3 == 0) make_fork(m, FIRST_PID);
  if (i % 3 == 1) make_comm(m, FIRST_PID, i / 3);
  if (i % 3 == 2) make_exit(m, FIRST_PID);
}

// Half a window after its birth a process ends. Goes on from phase to phase.
static void cycle(long i, struct message *m) {
  static long born, ended = WINDOW / 2;
  if (i % 2 == 0) return make_fork(m, FIRST_PID + born++ % WINDOW);
  make_exit(m, FIRST_PID + ended++ % WINDOW);
}

static void rename_one(long i, struct message *m) {
  m->what = COMM;
  m->data[0] = m->data[1] = FIRST_PID + WINDOW;
  memcpy(m->data + 2, i % 2 ? "feeder-odd" : "feeder-even", 11);
}

static void fill(struct message *m, uint64_t time, uint32_t cpu, maker *make, long i) {
  *m = (struct message){.nlmsg_len = sizeof *m, .nlmsg_type = 3, .idx = 1, .val = 1, .len = 40};
  m->seq = seqs[cpu]++;
  m->cpu = cpu;
  memcpy(m->time, &time, sizeof time);
  make(i, m);
}

static void send_all(struct mmsghdr *headers, int count) {
  for (int sent = 0; sent < count;) {
    const int n = sendmmsg(out, headers + sent, count - sent, 0);
    if (n < 0) die("sendmmsg");
    sent += n;
  }
}

// Holds the rate against the clock. Returns seconds.
static double run(maker *make, long count, long per_second) {
  static struct message messages[BURST][BATCH_LIMIT];
  static struct iovec vectors[BURST];
  static struct mmsghdr headers[BURST];
  const uint64_t start = now_ns();
  for (long i = 0; i < count;) {
    const uint64_t time = now_ns();
    long due = per_second == 0 ? count : (long)((time - start) / 1e9 * per_second) + 1;
    if (due > count) due = count;
    int burst = 0;
    for (; burst < BURST && i < due; burst++) {
      const int cpu = burst % CPUS;
      long n = 0;
      for (; n < batch && i < due; n++, i++) fill(&messages[burst][n], time, cpu, make, i);
      vectors[burst] = (struct iovec){messages[burst], n * sizeof(struct message)};
      headers[burst].msg_hdr = (struct msghdr){.msg_iov = &vectors[burst], .msg_iovlen = 1};
    }
    if (burst > 0) send_all(headers, burst);
    if (i == due && i < count) nanosleep(&(struct timespec){0, TICK_NANOSECONDS}, NULL);
  }
  return (now_ns() - start) / 1e9;
}

static bool write_file(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY);
  const bool well = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  if (fd >= 0) close(fd);
  return well;
}

// net.unix.max_dgram_qlen, 10 by default, bounds the queue and with it the speed. A socket keeps
// the one of the network namespace and of the moment in which it is made: so a namespace for that
// moment.
static void make_sockets(int ends[2]) {
  const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const bool away = home >= 0 && unshare(CLONE_NEWNET) == 0;
  if (!away || !write_file("/proc/sys/net/unix/max_dgram_qlen", QUEUE))
    fprintf(stderr, "feeder: net.unix.max_dgram_qlen stays as it is, and bounds the speed\n");
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0) die("socketpair");
  if (away && setns(home, CLONE_NEWNET) < 0) die("setns");
  for (int i = 0; i < 2; i++) {
    const int bytes = BUFFER;
    if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0 ||
        setsockopt(ends[i], SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
      die("setsockopt");
  }
}

// The daemon bounds its table by pid_max, which is 32,768 on small hosts. The command, and nobody
// else, sees the largest that there is.
static void widen_pid_max(void) {
  char path[] = "/tmp/feeder-XXXXXX";
  const int fd = mkstemp(path);
  if (fd < 0 || write(fd, "4194304\n", 8) != 8) die(path);
  if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount(path, "/proc/sys/kernel/pid_max", NULL, MS_BIND, NULL) < 0)
    die("pid_max");
  unlink(path);
  close(fd);
}

static pid_t start(int end, char **command) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  widen_pid_max();
  if (fcntl(end, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
  if (end != 3 ? dup2(end, 3) < 0 : fcntl(3, F_SETFD, 0) < 0) die("dup2");
  const int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0) die("/dev/null");
  execvp(command[0], command);
  die(command[0]);
  return -1;
}

// The command has ended before it was told to: whoever waits for lines sees their end.
static void bereft(int signal) {
  (void)signal;
  _exit(1);
}

static long bounded(const char *name, const char *text, long least, long most) {
  char *end;
  const long value = strtol(text, &end, 10);
  if (*end || value < least || value > most) {
    fprintf(stderr, "feeder: --%s must be from %ld to %ld, not %s\n", name, least, most, text);
    exit(2);
  }
  return value;
}

static void parse_options(int argc, char **argv) {
  static const struct option longs[] = {
      {"live", required_argument, 0, 'l'},
      {"pairs", required_argument, 0, 'p'},
      {"records", required_argument, 0, 'n'},
      {"rate", required_argument, 0, 'r'},
      {"batch", required_argument, 0, 'b'},
      {"kind", required_argument, 0, 'k'},
      {0},
  };
  for (int option; (option = getopt_long(argc, argv, "+", longs, NULL)) != -1;) {
    if (option == 'l') live = bounded("live", optarg, 0, LIVE_LIMIT);
    if (option == 'p') pairs = bounded("pairs", optarg, 0, LIVE_LIMIT);
    if (option == 'n') records = bounded("records", optarg, 0, RECORDS_LIMIT);
    if (option == 'r') rate = bounded("rate", optarg, 0, RECORDS_LIMIT);
    if (option == 'b') batch = bounded("batch", optarg, 1, BATCH_LIMIT);
    if (option == 'k') renames = strcmp(optarg, "comm") == 0;
    if (option == '?') exit(2);
  }
  if (optind == argc) {
    fprintf(stderr, "usage: feeder [options] -- COMMAND ...\n");
    exit(2);
  }
  if (renames && live == 0) live = 1;
}

int main(int argc, char **argv) {
  parse_options(argc, argv);
  int ends[2];
  make_sockets(ends);
  out = ends[0];
  signal(SIGCHLD, bereft);
  const pid_t child = start(ends[1], argv + optind);
  close(ends[1]);
  signal(SIGPIPE, SIG_IGN);

  char line[16];
  for (bool first = true; fgets(line, sizeof line, stdin); first = false) {
    const long count = first ? WINDOW / 2 + live + 3 * pairs : records;
    const double took = run(first     ? set_up
                            : renames ? rename_one
                                      : cycle,
                            count, first ? SETUP_RATE : rate);
    printf("{\"records\":%ld,\"seconds\":%.6f}\n", count, took);
    fflush(stdout);
  }
  int status;
  signal(SIGCHLD, SIG_DFL);
  kill(child, SIGTERM);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
