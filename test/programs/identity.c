// Situations in which a process changes who it is, or who watches it.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maker.h"

// Each child changes itself, makes one child of its own, which takes --second-name if there is one,
// and both end.
static void in_child(void (*change)(void)) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      change();
      pid_t heir = fork_recorded();
      if (heir == 0) {
        if (options.second[0]) rename_to(options.second);
        _exit(0);
      }
      reap(heir);
      _exit(0);
    }
    reap(child);
  }
}

static void take_name(void) { rename_to(options.name); }

static void take_uid(void) {
  if (setuid(options.uid) < 0) die("setuid");
}

static void take_real_uid(void) {
  if (setresuid(options.uid, 0, 0) < 0) die("setresuid");
}

static void take_effective_uid(void) {
  if (seteuid(options.uid) < 0) die("seteuid");
}

static void take_gid(void) {
  if (setgid(options.gid) < 0) die("setgid");
}

void make_rename(void) { in_child(take_name); }
void make_setuid(void) { in_child(take_uid); }
void make_setresuid(void) { in_child(take_real_uid); }
void make_seteuid(void) { in_child(take_effective_uid); }
void make_setgid(void) { in_child(take_gid); }

// The maker itself, then one child an occasion.
void make_self_rename(void) {
  rename_to(options.name);
  make_fork();
}

// The first round does nothing, the second renames the maker, each later one makes children.
void make_rename_then_fork(void) {
  static int round;
  round++;
  if (round == 2) rename_to(options.name);
  if (round > 2) make_fork();
}

// Attach and detach, then end the child by SIGKILL.
void make_ptrace(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0)
      for (;;) pause();
    if (ptrace(PTRACE_ATTACH, child, 0, 0) < 0) die("PTRACE_ATTACH");
    reap(child);  // here: waits for its stop
    if (ptrace(PTRACE_DETACH, child, 0, 0) < 0) die("PTRACE_DETACH");
    if (kill(child, SIGKILL) < 0) die("kill");
    reap(child);
  }
}
