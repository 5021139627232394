// A program that makes names without end, as many users. Input: first uid, uids, names of each.
// Each name is taken by prctl and makes one process. Output: one line with the names made, when all
// have ended.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void reap(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) die("waitpid");
  if (status != 0) exit(1);
}

// Fifteen bytes of the name count: up to a million uids and ten million names of each are told
// apart.
static void take_name(unsigned uid, unsigned number) {
  char name[32];
  snprintf(name, sizeof name, "%x-%x", uid, number);
  if (prctl(PR_SET_NAME, name) < 0) die("prctl");
}

static void make_process(void) {
  const pid_t pid = vfork();
  if (pid < 0) die("vfork");
  if (pid == 0) _exit(0);
  reap(pid);
}

static void pretend(unsigned uid, unsigned names) {
  for (unsigned i = 0; i < names; i++) {
    take_name(uid, i);
    make_process();
  }
}

int main(int argc, char **argv) {
  if (argc != 4) die("usage: impostor FIRST_UID UIDS NAMES");
  const unsigned first = (unsigned)atoi(argv[1]), uids = (unsigned)atoi(argv[2]);
  const unsigned names = (unsigned)atoi(argv[3]);
  for (unsigned uid = first; uid < first + uids; uid++) {
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
      if (setresuid(uid, uid, uid) < 0) die("setresuid");
      pretend(uid, names);
      _exit(0);
    }
    reap(pid);
  }
  printf("%u\n", uids * names);
  return 0;
}
