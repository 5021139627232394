// Situations in which a program is executed. The program finds the hold pipe as its stdin.
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "maker.h"

// Held by what the program does with its stdin. Who must know that it runs waits for its EXEC.
void make_exec(void) {
  for (int i = 0; i < options.count; i++) {
    if (fork_recorded() == 0) {
      hold_as_stdin();
      execv(options.program[0], options.program);
      die("execv");
    }
  }
}

static pid_t vfork_program(void) {
  pid_t child = vfork();
  if (child == 0) {
    execv(options.program[0], options.program);
    _exit(127);
  }
  return child;
}

// One after the other, each reaped: the program is as short-lived as it can be.
void make_exec_run(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = vfork_program();
    if (child < 0) die("vfork");
    record_pid(child);
    reap(child);
  }
}

// The program is one that the kernel refuses; an exec that succeeds shows in the exit code.
void make_exec_fail(void) {
  for (int i = 0; i < options.count; i++) {
    pid_t child = fork_recorded();
    if (child == 0) {
      execv(options.program[0], options.program);
      _exit(options.code);
    }
    reap(child);
  }
}
