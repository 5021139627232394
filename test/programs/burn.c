// A child that spends CPU time in its leader and in a thread of another name, then ends. Input: the
// child's comm, the thread's, and seconds for each. Output: one JSON line: its pid, and its CPU
// time as its parent is told by wait4.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_LIMIT 10

static const char *thread_name;
static double seconds;

static void burn(void) {
  struct timespec used;
  do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  while (used.tv_sec + used.tv_nsec / 1e9 < seconds);
}

static void *burn_renamed(void *unused) {
  prctl(PR_SET_NAME, thread_name);
  burn();
  return unused;
}

static double of(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc != 4 || (seconds = atof(argv[3])) > SECONDS_LIMIT) {
    fprintf(stderr, "usage: burn COMM THREAD-COMM SECONDS\n");
    return 2;
  }
  thread_name = argv[2];
  alarm(120);
  pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    prctl(PR_SET_NAME, argv[1]);
    burn();
    if (pthread_create(&thread, NULL, burn_renamed, NULL) != 0) _exit(1);
    pthread_join(thread, NULL);
    _exit(0);
  }
  struct rusage usage;
  int status;
  if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
    fprintf(stderr, "burn: %s\n", strerror(errno));
    return 1;
  }
  printf("{\"pid\":%d,\"user\":%.6f,\"system\":%.6f}\n", child, of(usage.ru_utime),
         of(usage.ru_stime));
  return 0;
}
