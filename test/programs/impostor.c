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

// Sixteen bytes with the NUL: no two of up to ten million names of one run are the same.
static void pretend(unsigned uid, unsigned names) {
  char name[16];
  for (unsigned i = 0; i < names; i++) {
    snprintf(name, sizeof name, "%x-%x", uid, i);
    if (prctl(PR_SET_NAME, name) < 0) die("prctl");
    pid_t pid = vfork();
    if (pid < 0) die("vfork");
    if (pid == 0) _exit(0);
    reap(pid);
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
