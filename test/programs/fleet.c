// Stands in for the kernels of many hosts: runs a command with a datagram socket for each host,
// descriptors 3 and up, and writes connector datagrams into their other ends. Input: lines on
// stdin. Output: a line for each that is done; whatever the command prints goes there too. End of
// stdin: ends the command (SIGTERM) and waits for it.
//
//   fleet HOSTS COMMAND...
//   HOST COMM UID FORKS FAILURES DUMPS      on stdin
//
// On host number HOST a process of that name and user is born of process 1, and FORKS children of
// it are born and end, the first FAILURES of them with status 1, the next DUMPS of them by a core
// dump.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "connector.h"

#define MOST_HOSTS 64
#define MOST_FORKS 100000
#define FIRST_DESCRIPTOR 3
#define FIRST_PID 1000
#define LAST_PID 4000000  // of a made-up procfs that allows 2^22

struct host {
  int end;
  uint32_t sequence, pid;
};

static struct host hosts[MOST_HOSTS];

static void die(const char *what) {
  fprintf(stderr, "fleet: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void tell(struct host *host, uint32_t what, const uint32_t data[6]) {
  struct message m = {.nlmsg_len = sizeof m, .nlmsg_type = 3, .idx = 1, .val = 1, .len = 40};
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  const uint64_t time = t.tv_sec * 1000000000ull + t.tv_nsec;
  m.seq = host->sequence++;
  m.what = what;
  memcpy(m.time, &time, sizeof time);
  memcpy(m.data, data, sizeof m.data);
  if (send(host->end, &m, sizeof m, 0) != sizeof m) die("send");
}

static uint32_t born(struct host *host, uint32_t parent) {
  if (++host->pid > LAST_PID) host->pid = FIRST_PID;
  tell(host, FORK, (uint32_t[6]){parent, parent, host->pid, host->pid});
  return host->pid;
}

static void ended(struct host *host, uint32_t pid, uint32_t parent, uint32_t code) {
  tell(host, EXIT, (uint32_t[6]){pid, pid, code, SIGCHLD, parent, parent});
}

static void perform(struct host *host, const char *comm, uint32_t uid, const int counts[3]) {
  const uint32_t maker = born(host, 1);
  uint32_t name[6] = {maker, maker};
  memcpy(name + 2, comm, strlen(comm));  // 15 at most: as it was read
  tell(host, COMM, name);
  tell(host, UID, (uint32_t[6]){maker, maker, uid, uid});
  for (int i = 0; i < counts[0]; i++) {
    const uint32_t child = born(host, maker);
    const int failed = i < counts[1], dumped = !failed && i < counts[1] + counts[2];
    if (dumped) tell(host, COREDUMP, (uint32_t[6]){child, child, maker, maker});
    ended(host, child, maker, failed ? 1 << 8 : dumped ? SIGSEGV : 0);
  }
  ended(host, maker, 1, 0);
}

static pid_t start(const int *ends, int count, char **command) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  for (int i = 0; i < count; i++)
    if (fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0 || dup2(ends[i], FIRST_DESCRIPTOR + i) < 0)
      die("dup2");
  const int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0) die("/dev/null");
  execvp(command[0], command);
  die(command[0]);
  return -1;
}

int main(int argc, char **argv) {
  const int count = argc > 2 ? atoi(argv[1]) : 0;
  if (count < 1 || count > MOST_HOSTS) {
    fprintf(stderr, "usage: fleet HOSTS COMMAND...\n");
    return 2;
  }
  int ends[MOST_HOSTS];
  for (int i = 0; i < count; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0) die("socketpair");
    // Out of the way of the numbers that the command is to have.
    const int away = fcntl(pair[1], F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR + 2 * MOST_HOSTS);
    if (away < 0) die("fcntl");
    close(pair[1]);
    hosts[i] = (struct host){.end = pair[0], .pid = FIRST_PID};
    ends[i] = away;
  }
  const pid_t child = start(ends, count, argv + 2);
  for (int i = 0; i < count; i++) close(ends[i]);
  signal(SIGPIPE, SIG_IGN);

  char line[128], comm[16];
  while (fgets(line, sizeof line, stdin)) {
    unsigned host, uid;
    int counts[3];
    const int read =
        sscanf(line, "%u %15s %u %d %d %d", &host, comm, &uid, counts, counts + 1, counts + 2);
    if (read != 6 || host >= (unsigned)count || counts[0] < 0 || counts[0] > MOST_FORKS) {
      fprintf(stderr, "fleet: not understood: %s", line);
      return 2;
    }
    perform(hosts + host, comm, uid, counts);
    printf("done\n");
    fflush(stdout);
  }
  int status;
  kill(child, SIGTERM);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
