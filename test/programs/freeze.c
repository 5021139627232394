// Freezes one thread, and only it, until stdin ends. Input: a tid. Output: `frozen`.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_SECONDS 120  // a freezer that ends lets the thread go

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: freeze TID\n");
    return 2;
  }
  pid_t tid = atoi(argv[1]);
  alarm(LIFE_SECONDS);
  if (ptrace(PTRACE_SEIZE, tid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0 ||
      waitpid(tid, NULL, __WALL) != tid) {
    fprintf(stderr, "freeze: %d: %s\n", tid, strerror(errno));
    return 1;
  }
  puts("frozen");
  fflush(stdout);
  for (char byte; read(STDIN_FILENO, &byte, 1) > 0;) continue;
  ptrace(PTRACE_DETACH, tid, 0, 0);  // fails when the thread was killed meanwhile
  return 0;
}
