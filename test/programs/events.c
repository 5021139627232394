// Maker of kernel events: sets up exactly one situation, as often as told, and says what it did.
// Input: a situation, options, lines on stdin. Output: one JSON line a round.
//
//   events SITUATION [--comm NAME] [--count N] [--code N] [--signal N] [--others N] [--uid N]
//          [--gid N] [--name HEX] [--second-name HEX] [--core] [-- PROGRAM [ARGUMENT...]]
//
// Each line on stdin makes a round. Before the first it has not renamed itself, so whoever must
// know its own EXEC under its own name can look. At the end of stdin what is held is let go and
// reaped, and the maker ends with 0.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maker.h"

#define LIFE_SECONDS 900  // a maker whose test has died must not stay

struct options options = {.count = 1, .signal = SIGKILL, .uid = 61001, .gid = 61001};

static struct {
  atomic_int pids, tids;
  pid_t pid[MOST], tid[MOST];
} * made;

static int hold_pipe[2];
static const char *comm;

static const struct {
  const char *name;
  void (*make)(void);
} situations[] = {
    {"fork", make_fork},
    {"vfork", make_vfork},
    {"exit", make_exit},
    {"signal", make_signal},
    {"held", make_held},
    {"zombie", make_zombie},
    {"double-fork", make_double_fork},
    {"ignored-children", make_ignored_children},
    {"clone-parent", make_clone_parent},
    {"session", make_session},
    {"thread", make_thread},
    {"leader-exit", make_leader_exit},
    {"renamed-thread-fork", make_renamed_thread_fork},
    {"leader-rename", make_leader_rename},
    {"renamed-thread-spawn", make_renamed_thread_spawn},
    {"serving-thread", make_serving_thread},
    {"crash-together", make_crash_together},
    {"rename", make_rename},
    {"self-rename", make_self_rename},
    {"rename-then-fork", make_rename_then_fork},
    {"setuid", make_setuid},
    {"setresuid", make_setresuid},
    {"seteuid", make_seteuid},
    {"setgid", make_setgid},
    {"thread-setresuid", make_thread_setresuid},
    {"ptrace", make_ptrace},
    {"exec", make_exec},
    {"exec-run", make_exec_run},
    {"exec-fail", make_exec_fail},
    {"thread-exec", make_thread_exec},
};

void die(const char *what) {
  fprintf(stderr, "events: %s: %s\n", what, strerror(errno));
  exit(1);
}

void record_pid(pid_t pid) {
  int at = atomic_fetch_add(&made->pids, 1);
  if (at < MOST) made->pid[at] = pid;
}

void record_tid(pid_t tid) {
  int at = atomic_fetch_add(&made->tids, 1);
  if (at < MOST) made->tid[at] = tid;
}

pid_t fork_recorded(void) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) record_pid(pid);
  return pid;
}

void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0)
    if (errno != EINTR) die("waitpid");
}

void rename_to(const unsigned char *name) {
  if (prctl(PR_SET_NAME, name) < 0) die("PR_SET_NAME");
}

void limit_cores(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_CORE, &limit) < 0) die("RLIMIT_CORE");
  limit.rlim_cur = options.core ? limit.rlim_max : 0;
  if (setrlimit(RLIMIT_CORE, &limit) < 0) die("RLIMIT_CORE");
}

void hold(void) {
  char byte;
  close(hold_pipe[1]);
  while (read(hold_pipe[0], &byte, 1) < 0)
    if (errno != EINTR) die("hold");
}

void hold_as_stdin(void) {
  if (dup2(hold_pipe[0], STDIN_FILENO) < 0) die("dup2");
}

static void print_list(const char *name, const pid_t *ids, int count) {
  printf("\"%s\":[", name);
  for (int i = 0; i < count; i++) printf("%s%d", i ? "," : "", ids[i]);
  printf("]");
}

static void run_round(void (*make)(void)) {
  made->pids = made->tids = 0;
  make();
  if (made->pids > MOST || made->tids > MOST) {
    fprintf(stderr, "events: more than %d processes or threads in a round\n", MOST);
    exit(1);
  }
  printf("{\"pid\":%d,", getpid());
  print_list("pids", made->pid, made->pids);
  printf(",");
  print_list("tids", made->tid, made->tids);
  printf("}\n");
  fflush(stdout);
}

// 15 bytes are what the kernel keeps; a longer name is for the kernel to cut.
static void parse_hex(const char *hex, unsigned char name[17]) {
  size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length && i < 16; i++) {
    char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
    name[i] = strtoul(digits, NULL, 16);
  }
}

static void usage(void) {
  fprintf(stderr, "usage: events SITUATION [options] [-- PROGRAM [ARGUMENT...]]; situations:");
  for (size_t i = 0; i < sizeof situations / sizeof *situations; i++)
    fprintf(stderr, " %s", situations[i].name);
  fprintf(stderr, "\n");
  exit(2);
}

static void parse_options(int argc, char **argv) {
  static const struct option longs[] = {
      {"comm", required_argument, 0, 'c'},
      {"count", required_argument, 0, 'n'},
      {"code", required_argument, 0, 'x'},
      {"signal", required_argument, 0, 's'},
      {"others", required_argument, 0, 'o'},
      {"uid", required_argument, 0, 'u'},
      {"gid", required_argument, 0, 'g'},
      {"name", required_argument, 0, 'm'},
      {"core", no_argument, 0, 'C'},
      {"second-name", required_argument, 0, 'k'},
      {0},
  };
  for (int option; (option = getopt_long(argc, argv, "+", longs, NULL)) != -1;) {
    if (option == 'c') comm = optarg;
    if (option == 'n') options.count = atoi(optarg);
    if (option == 'x') options.code = atoi(optarg);
    if (option == 's') options.signal = atoi(optarg);
    if (option == 'o') options.others = atoi(optarg);
    if (option == 'u') options.uid = strtoul(optarg, NULL, 10);
    if (option == 'g') options.gid = strtoul(optarg, NULL, 10);
    if (option == 'm') parse_hex(optarg, options.name);
    if (option == 'k') parse_hex(optarg, options.second);
    if (option == 'C') options.core = true;
    if (option == '?') usage();
  }
  options.program = argv + optind;
}

int main(int argc, char **argv) {
  void (*make)(void) = NULL;
  if (argc < 2) usage();
  for (size_t i = 0; i < sizeof situations / sizeof *situations; i++)
    if (strcmp(argv[1], situations[i].name) == 0) make = situations[i].make;
  if (!make) usage();
  parse_options(argc - 1, argv + 1);
  alarm(LIFE_SECONDS);
  made = mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) die("mmap");
  if (pipe2(hold_pipe, O_CLOEXEC) < 0) die("pipe");

  for (char byte; read(STDIN_FILENO, &byte, 1) == 1;) {
    if (byte != '\n') continue;
    if (comm) rename_to((const unsigned char *)comm);
    comm = NULL;
    run_round(make);
  }
  close(hold_pipe[1]);
  while (wait(NULL) > 0 || errno == EINTR) continue;
  return 0;
}
