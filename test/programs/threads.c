// Situations in which a process has threads: begin, end, crash, names and ids of their own.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "maker.h"

static void start(pthread_t *thread, void *(*run)(void *)) {
  errno = pthread_create(thread, NULL, run, NULL);
  if (errno) die("pthread_create");
}

static void run_and_join(void *(*run)(void *)) {
  pthread_t thread;
  start(&thread, run);
  pthread_join(thread, NULL);
}

static void *record_self(void *unused) {
  record_tid(gettid());
  return unused;
}

void make_thread(void) {
  for (int i = 0; i < options.count; i++) run_and_join(record_self);
}

static void *exit_when_let_go(void *unused) {
  record_tid(gettid());
  hold();
  _exit(options.code);
  return unused;
}

// Held: the leader is gone, its thread lives on and ends the process when let go.
void make_leader_exit(void) {
  for (int i = 0; i < options.count; i++) {
    if (fork_recorded() == 0) {
      pthread_t thread;
      start(&thread, exit_when_let_go);
      pthread_exit(NULL);
    }
  }
}

static void *rename_and_fork(void *unused) {
  record_tid(gettid());
  rename_to(options.name);
  pid_t child = fork_recorded();
  if (child == 0) _exit(0);
  reap(child);
  return unused;
}

void make_renamed_thread_fork(void) {
  for (int i = 0; i < options.count; i++) run_and_join(rename_and_fork);
}

// glibc's setresuid would change every thread; the kernel's own changes only the caller.
static void *change_id_and_fork(void *unused) {
  record_tid(gettid());
  if (syscall(SYS_setresuid, options.uid, options.uid, options.uid) < 0) die("setresuid");
  pid_t child = fork_recorded();
  if (child == 0) _exit(0);
  reap(child);
  return unused;
}

void make_thread_setresuid(void) {
  for (int i = 0; i < options.count; i++) run_and_join(change_id_and_fork);
}

static atomic_int waiting;
static int *volatile nowhere;

static void *crash(void *unused) {
  record_tid(gettid());
  atomic_fetch_sub(&waiting, 1);
  while (atomic_load(&waiting) > 0) continue;
  *nowhere = 0;
  return unused;
}

// Two threads and no leader's help: both write to a page that is not there, as nearly at once as
// can be.
void make_crash_together(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      limit_cores();
      waiting = 2;
      pthread_t thread;
      start(&thread, crash);
      start(&thread, crash);
      for (;;) pause();
    }
    reap(child);
  }
}

static void *stay(void *unused) {
  record_tid(gettid());
  atomic_fetch_sub(&waiting, 1);
  for (;;) pause();
  return unused;
}

static void *exec_program(void *unused) {
  record_tid(gettid());
  while (atomic_load(&waiting) > 0) continue;
  hold_as_stdin();
  execv(options.program[0], options.program);
  die("execv");
  return unused;
}

// A thread that is not the leader executes a program while the leader and --others threads live.
void make_thread_exec(void) {
  for (int i = 0; i < options.count; i++) {
    if (fork_recorded() == 0) {
      pthread_t thread;
      waiting = options.others;
      for (int other = 0; other < options.others; other++) start(&thread, stay);
      start(&thread, exec_program);
      for (;;) pause();
    }
  }
}
