// Makes the real kernel talk: a bounded storm of one kind of event. Input: options. Output: one
// JSON line with what was done. Build: cc -O2 -Wall -Wextra -Werror -pthread -o storm storm.c
//
//   storm fork|vfork|thread|exec|prctl [--count N] [--rate R] [--seconds S] [--procs P]
//         [--comm NAME] [--program PATH] [--chain N]
//
// N is the total, R the total per second (0: as fast as it goes), both shared out over P processes;
// it ends at N or after S seconds, whichever comes first. exec runs PATH (default: `nothing` beside
// this program) by vfork and exec; --chain N lets it execute itself on under N names, one after the
// other: storm-exec-1, storm-exec-2 ...
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_LIMIT 1000000000L  // a storm is bounded whatever is asked
#define SECONDS_LIMIT 600
#define PROCS_LIMIT 64
#define CHAIN_LIMIT 16
#define TICK_NANOSECONDS 1000000L  // at a rate, sleeps are this long: 20 operations at 20,000/s

static long count = 10000;
static double rate, seconds = 60;
static int procs = 1, chain = 1;
static const char *comm;
static char program[PATH_MAX], directory[] = "/tmp/storm-XXXXXX";
static char paths[CHAIN_LIMIT][64];
static char *arguments[CHAIN_LIMIT + 1];
static atomic_long *done;

static void die(const char *what) {
  fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void reap(pid_t pid) {
  int status;
  if (pid < 0) die("fork");
  if (waitpid(pid, &status, 0) < 0) die("waitpid");
  if (status != 0) {
    fprintf(stderr, "storm: a child ended with wait status %d\n", status);
    exit(1);
  }
}

static void once_fork(long i) {
  (void)i;
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  reap(pid);
}

static pid_t vfork_and_exit(void) {
  pid_t pid = vfork();
  if (pid == 0) _exit(0);
  return pid;
}

static void once_vfork(long i) {
  (void)i;
  reap(vfork_and_exit());
}

static void *thread_body(void *unused) { return unused; }

static void once_thread(long i) {
  (void)i;
  pthread_t thread;
  errno = pthread_create(&thread, NULL, thread_body, NULL);
  if (errno) die("pthread_create");
  pthread_join(thread, NULL);
}

static pid_t vfork_and_exec(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    execv(arguments[0], arguments);
    _exit(127);
  }
  return pid;
}

static void once_exec(long i) {
  (void)i;
  reap(vfork_and_exec());
}

static void once_prctl(long i) { prctl(PR_SET_NAME, i & 1 ? "storm-prctl-odd" : "storm-prctl"); }

static const struct {
  const char *name;
  void (*once)(long);
} kinds[] = {{"fork", once_fork},
             {"vfork", once_vfork},
             {"thread", once_thread},
             {"exec", once_exec},
             {"prctl", once_prctl}};

// Holds the rate against the clock, not against itself: what a slow moment missed is made up for.
static void run(void (*once)(long), long most, double per_second) {
  if (comm) prctl(PR_SET_NAME, comm);
  double start = now(), end = start + seconds;
  for (long i = 0; i < most; i++) {
    double time = now();
    if (time >= end) return;
    while (per_second > 0 && i > (time - start) * per_second) {
      nanosleep(&(struct timespec){0, TICK_NANOSECONDS}, NULL);
      time = now();
    }
    once(i);
    atomic_fetch_add(done, 1);
  }
}

static void clean_exec(void) {
  for (int i = 0; i < chain; i++) unlink(paths[i]);
  rmdir(directory);
}

static void prepare_exec(void) {
  if (!program[0]) {
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - sizeof "/nothing");
    if (length < 0) die("/proc/self/exe");
    program[length] = 0;
    strcpy(strrchr(program, '/'), "/nothing");
  }
  if (access(program, X_OK) < 0) die(program);
  arguments[0] = program;
  if (chain == 1) return;
  if (!mkdtemp(directory)) die("mkdtemp");
  atexit(clean_exec);
  for (int i = 0; i < chain; i++) {  // a program's comm is the name of the link that was executed
    snprintf(paths[i], sizeof paths[i], "%s/storm-exec-%d", directory, i + 1);
    if (symlink(program, paths[i]) < 0) die("symlink");
    arguments[i] = paths[i];
  }
}

static double bounded(const char *name, const char *text, double least, double most) {
  char *end;
  double value = strtod(text, &end);
  if (*end || !(value >= least && value <= most)) {
    fprintf(stderr, "storm: --%s must be from %g to %g, not %s\n", name, least, most, text);
    exit(2);
  }
  return value;
}

static void parse_options(int argc, char **argv) {
  static const struct option longs[] = {
      {"count", required_argument, 0, 'n'},   {"rate", required_argument, 0, 'r'},
      {"seconds", required_argument, 0, 's'}, {"procs", required_argument, 0, 'p'},
      {"comm", required_argument, 0, 'c'},    {"program", required_argument, 0, 'P'},
      {"chain", required_argument, 0, 'C'},   {0},
  };
  bool counted = false, timed = false;
  for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
    if (option == 'n') count = bounded("count", optarg, 1, COUNT_LIMIT), counted = true;
    if (option == 'r') rate = bounded("rate", optarg, 0, COUNT_LIMIT);
    if (option == 's') seconds = bounded("seconds", optarg, 0.01, SECONDS_LIMIT), timed = true;
    if (option == 'p') procs = bounded("procs", optarg, 1, PROCS_LIMIT);
    if (option == 'c') comm = optarg;
    if (option == 'P') snprintf(program, sizeof program, "%s", optarg);
    if (option == 'C') chain = bounded("chain", optarg, 1, CHAIN_LIMIT);
    if (option == '?') exit(2);
  }
  if (timed && !counted) count = COUNT_LIMIT;
}

int main(int argc, char **argv) {
  void (*once)(long) = NULL;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (argc > 1 && strcmp(argv[1], kinds[i].name) == 0) once = kinds[i].once;
  if (!once) {
    fprintf(stderr, "usage: storm fork|vfork|thread|exec|prctl [options]\n");
    return 2;
  }
  parse_options(argc - 1, argv + 1);
  alarm(seconds + 60);  // whatever happens
  if (once == once_exec) prepare_exec();
  done = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (done == MAP_FAILED) die("mmap");

  double start = now();
  bool well = true;
  if (procs == 1) {
    run(once, count, rate);
  } else {
    for (int i = 0; i < procs; i++) {
      pid_t pid = fork();
      if (pid < 0) die("fork");
      if (pid == 0) {
        run(once, count / procs + (i < count % procs), rate / procs);
        _exit(0);
      }
    }
    for (int status; wait(&status) > 0;) well &= status == 0;
  }
  double took = now() - start;
  long ops = atomic_load(done);
  printf("{\"kind\":\"%s\",\"pid\":%d,\"procs\":%d,\"ops\":%ld,\"seconds\":%.6f,", argv[1],
         getpid(), procs, ops, took);
  printf("\"ops_per_second\":%.0f}\n", ops / took);
  return well ? 0 : 1;
}
