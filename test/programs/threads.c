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

static atomic_int waiting;

static void *stay(void *unused) {
  record_tid(gettid());
  atomic_fetch_sub(&waiting, 1);
  for (;;) pause();
  return unused;
}

// Returns when all --others threads live.
void start_others(void) {
  pthread_t thread;
  waiting = options.others;
  for (int i = 0; i < options.others; i++) start(&thread, stay);
  while (atomic_load(&waiting) > 0) continue;
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

static atomic_int told;

static void *fork_when_told(void *unused) {
  record_tid(gettid());
  atomic_fetch_sub(&waiting, 1);
  while (!atomic_load(&told)) continue;
  pid_t child = fork_recorded();
  if (child == 0) _exit(0);
  reap(child);
  return unused;
}

// The thread keeps the name that its process gives up.
void make_leader_rename(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      pthread_t thread;
      waiting = 1;
      start(&thread, fork_when_told);
      while (atomic_load(&waiting) > 0) continue;
      rename_to(options.name);
      told = 1;
      pthread_join(thread, NULL);
      _exit(0);
    }
    reap(child);
  }
}

static void *rename_and_spawn(void *unused) {
  record_tid(gettid());
  rename_to(options.name);
  told = 1;
  run_and_join(fork_when_told);
  return unused;
}

// The thread that forks has the name of the one that made it, which no event says.
void make_renamed_thread_spawn(void) {
  for (int i = 0; i < options.count; i++) run_and_join(rename_and_spawn);
}

static pthread_barrier_t turn;

static void *rename_and_serve(void *unused) {
  record_tid(gettid());
  rename_to(options.name);
  pthread_barrier_wait(&turn);
  for (;;) {
    pthread_barrier_wait(&turn);
    for (int i = 0; i < options.count; i++) {
      pid_t child = fork_recorded();
      if (child == 0) _exit(0);
      reap(child);
    }
    pthread_barrier_wait(&turn);
  }
  return unused;
}

// The first round makes a renamed thread, each later one lets it fork.
void make_serving_thread(void) {
  static bool serving;
  if (!serving) {
    pthread_t thread;
    pthread_barrier_init(&turn, NULL, 2);
    start(&thread, rename_and_serve);
    serving = true;
  } else {
    pthread_barrier_wait(&turn);
  }
  pthread_barrier_wait(&turn);
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

static void *exec_program(void *unused) {
  record_tid(gettid());
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
      start_others();
      start(&thread, exec_program);
      for (;;) pause();
    }
  }
}
