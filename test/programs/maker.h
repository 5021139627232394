// What the makers of kernel events share: options in, the pids and tids that a situation made out.
#ifndef MAKER_H_
#define MAKER_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MOST 4096  // pids or tids that one round may record; tests make some hundreds

struct options {
  int count;               // how often the situation is made, each round
  int code;                // exit code where a situation ends with one
  int signal;              // signal where a situation ends by one
  int others;              // threads that stay besides
  unsigned uid, gid;       // where ids change
  bool core;               // let the kernel write core files, into the working directory
  unsigned char name[17];  // another comm, from hex: any bytes
  unsigned char second[17];
  char *const *program;  // what is executed: path and arguments
};

extern struct options options;

// Each returns when all that it started has ended or, where it says so, is held.
void make_fork(void);
void make_vfork(void);
void make_exit(void);
void make_signal(void);
void make_held(void);
void make_zombie(void);
void make_double_fork(void);
void make_ignored_children(void);
void make_clone_parent(void);
void make_session(void);
void make_thread(void);
void make_leader_exit(void);
void make_renamed_thread_fork(void);
void make_leader_rename(void);
void make_renamed_thread_spawn(void);
void make_serving_thread(void);
void make_crash_together(void);
void make_rename(void);
void make_self_rename(void);
void make_rename_then_fork(void);
void make_setuid(void);
void make_setresuid(void);
void make_seteuid(void);
void make_setgid(void);
void make_thread_setresuid(void);
void make_ptrace(void);
void make_exec(void);
void make_exec_run(void);
void make_exec_fail(void);
void make_thread_exec(void);

void die(const char *what) __attribute__((noreturn));

// Written by any process or thread of the maker: the memory is shared.
void record_pid(pid_t pid);
void record_tid(pid_t tid);

// fork() that records the child and dies on failure.
pid_t fork_recorded(void);
void reap(pid_t pid);
void rename_to(const unsigned char *name);
void limit_cores(void);
void start_others(void);

// Held processes wait here until the maker's stdin ends; for programs the same pipe becomes stdin.
void hold(void);
void hold_as_stdin(void);

#endif  // MAKER_H_
