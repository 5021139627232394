// Situations of whole processes: how they begin, and how they end.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maker.h"

void make_fork(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) _exit(0);
    reap(child);
  }
}

static pid_t vfork_child(void) {
  pid_t child = vfork();
  if (child == 0) _exit(0);
  return child;
}

void make_vfork(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = vfork_child();
    if (child < 0) die("vfork");
    record_pid(child);
    reap(child);
  }
}

void make_exit(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      start_others();
      _exit(options.code);
    }
    reap(child);
  }
}

void make_signal(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      limit_cores();
      start_others();
      kill(getpid(), options.signal);
      for (;;) pause();
    }
    reap(child);
  }
}

// Children that live until the maker's stdin ends.
void make_held(void) {
  for (int i = 0; i < options.count; i++) {
    if (fork_recorded() == 0) {
      hold();
      _exit(options.code);
    }
  }
}

// Children that have ended and are not reaped until the maker's stdin ends.
void make_zombie(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) _exit(0);
    siginfo_t info;
    if (waitid(P_PID, child, &info, WEXITED | WNOWAIT) < 0) die("waitid");
  }
}

// As daemons do it: the middle one ends at once, the grandchild belongs to init and has a session.
void make_double_fork(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t middle = fork_recorded();
    if (middle == 0) {
      if (fork_recorded() == 0) _exit(options.code);
      _exit(0);
    }
    reap(middle);
  }
}

// The kernel reaps them itself: their EXIT names no parent, and /proc forgets them at once.
void make_ignored_children(void) {
  if (signal(SIGCHLD, SIG_IGN) == SIG_ERR) die("signal");
  for (int i = 0; i < options.count; i++)
    if (fork_recorded() == 0) _exit(options.code);
  while (wait(NULL) > 0 || errno == EINTR) continue;
  if (signal(SIGCHLD, SIG_DFL) == SIG_ERR) die("signal");
}

// A helper under the name --name makes a sibling, which takes the name --second-name: the kernel
// says in FORK that the maker is its parent.
void make_clone_parent(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t helper = fork_recorded();
    if (helper == 0) {
      rename_to(options.name);
      pid_t sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
      if (sibling < 0) die("clone");
      if (sibling == 0) {
        rename_to(options.second);
        _exit(0);
      }
      record_pid(sibling);
      _exit(0);
    }
    reap(helper);
    while (wait(NULL) > 0 || errno == EINTR) continue;
  }
}

void make_session(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      if (setsid() < 0) die("setsid");
      _exit(0);
    }
    reap(child);
  }
}
