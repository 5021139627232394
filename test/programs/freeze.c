// Freezes one thread, and only it, until stdin ends or the thread is killed. Input: a tid. Output:
// `frozen`.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_SECONDS 120  // a freezer that ends lets the thread go

static void wake(int signal) { (void)signal; }

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: freeze TID\n");
    return 2;
  }
  pid_t tid = atoi(argv[1]);
  alarm(LIFE_SECONDS);
  sigset_t child, none;
  sigemptyset(&none);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);  // taken only within ppoll
  sigaction(SIGCHLD, &(struct sigaction){.sa_handler = wake}, NULL);
  if (ptrace(PTRACE_SEIZE, tid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0 ||
      waitpid(tid, NULL, __WALL) != tid) {
    fprintf(stderr, "freeze: %d: %s\n", tid, strerror(errno));
    return 1;
  }
  puts("frozen");
  fflush(stdout);
  // A thread that is killed while traced stays, and its process with it, until its tracer waits.
  for (struct pollfd ended = {STDIN_FILENO, POLLIN, 0};;) {
    if (ppoll(&ended, 1, NULL, &none) > 0) break;
    int status;
    if (waitpid(tid, &status, __WALL | WNOHANG) == tid && !WIFSTOPPED(status)) return 0;
  }
  ptrace(PTRACE_DETACH, tid, 0, 0);
  return 0;
}
