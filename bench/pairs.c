// Makes the real kernel talk under many names: renames itself N times, and under each name creates
// one process that ends at once. So N pairs of comm and uid are there afterwards. Input: N. Output:
// nothing; exit 0 when all was done.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAIRS_LIMIT 1000000  // the most that --pairs.max takes

int main(int argc, char **argv) {
  long count = argc == 2 ? atol(argv[1]) : 0;
  if (count < 1 || count > PAIRS_LIMIT) {
    fprintf(stderr, "usage: pairs N (1 to %d)\n", PAIRS_LIMIT);
    return 2;
  }
  for (long i = 0; i < count; i++) {
    char name[32];  // 12 bytes; the kernel keeps 15
    snprintf(name, sizeof name, "pair-%07ld", i);
    prctl(PR_SET_NAME, name);
    pid_t pid = vfork();
    if (pid == 0) _exit(0);
    if (pid < 0 || waitpid(pid, NULL, 0) < 0) {
      perror("pairs");
      return 1;
    }
  }
  return 0;
}
