#include "privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

// As 32-bit kernels call the ones that take all 32 bits of an id.
#ifndef SYS_setresuid32
#define SYS_setresuid32 SYS_setresuid
#define SYS_setresgid32 SYS_setresgid
#define SYS_setgroups32 SYS_setgroups
#endif

namespace procevents {
namespace {

constexpr int kSignal = 33;
constexpr unsigned long kRestart = 0x10000000;   // SA_RESTART
constexpr unsigned long kRestorer = 0x04000000;  // SA_RESTORER
constexpr int64_t kLookNs = 20'000;
constexpr unsigned kPerfmon = 38;  // headers before Linux 5.8 have no name for it

// struct sigaction as the kernel has it: the C library's refuses number 33.
struct Action {
  void (*handler)(int);
  unsigned long flags;
#if !defined(__riscv) && !defined(__loongarch__)
  void (*restorer)();
#endif
  uint64_t mask;
};

#ifdef __x86_64__
// x86-64 alone has the program bring what ends a handler: rt_sigreturn, number 15.
extern "C" void procevents_restore_rt();
__asm__(
    ".text\n"
    ".type procevents_restore_rt,@function\n"
    ".hidden procevents_restore_rt\n"
    "procevents_restore_rt:\n"
    "  movq $15, %rax\n"
    "  syscall\n"
    ".size procevents_restore_rt, .-procevents_restore_rt\n");
#endif

// Shared with the thread that is being signalled: all but `state` is written by the caller before
// the signal, or by the handler before it stores `state`.
Become plan;
Failure outcome;
std::atomic<int> state;  // the tid that has to answer; 0 when it has

int call(long result) { return result < 0 ? errno : 0; }

// Raw system calls only, each of which touches the calling thread alone: safe in a handler.
Failure drop_own() {
  // To the end of what this kernel knows (EINVAL); EPERM without CAP_SETPCAP.
  for (unsigned long capability = 0; capability < 64; ++capability)
    if (syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
  if (plan.change) {
    if (const int error = call(syscall(SYS_setgroups32, 0, nullptr)))
      return {"PROCEVENTS_USER_CHANGE", error};
    if (const int error = call(syscall(SYS_setresgid32, plan.gid, plan.gid, plan.gid)))
      return {"PROCEVENTS_USER_CHANGE", error};
    if (const int error = call(syscall(SYS_setresuid32, plan.uid, plan.uid, plan.uid)))
      return {"PROCEVENTS_USER_CHANGE", error};
  }
  // With the permitted and the inheritable set, the ambient one goes too.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (const int error = call(syscall(SYS_capset, &header, none)))
    return {"PROCEVENTS_PRIVILEGE", error};
  if (const int error = call(syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
    return {"PROCEVENTS_PRIVILEGE", error};
  return {};
}

void handle(int) {
  const int saved = errno;
  int self = static_cast<int>(syscall(SYS_gettid));
  // Whoever else it reaches, a late one for instance, has nothing to answer.
  if (state.load(std::memory_order_acquire) == self) {
    outcome = drop_own();
    state.store(0, std::memory_order_release);
  }
  errno = saved;
}

int set_action(const Action* action, Action* old) {
  return call(syscall(SYS_rt_sigaction, kSignal, action, old, sizeof(Action::mask)));
}

int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

Failure drop_on(pid_t tid, int timeout_ms) {
  state.store(tid, std::memory_order_release);
  if (const int error = call(syscall(SYS_tgkill, getpid(), tid, kSignal))) {
    state.store(0, std::memory_order_release);
    return error == ESRCH ? Failure{} : Failure{"PROCEVENTS_PRIVILEGE", error};
  }
  const int64_t end = now_ns() + timeout_ms * int64_t{1'000'000};
  while (state.load(std::memory_order_acquire) != 0) {
    // It ended before the signal came.
    if (syscall(SYS_tgkill, getpid(), tid, 0) != 0 && errno == ESRCH) {
      state.store(0, std::memory_order_release);
      return {};
    }
    if (now_ns() > end) return {"PROCEVENTS_PRIVILEGE", ETIMEDOUT};
    const timespec look{0, kLookNs};
    nanosleep(&look, nullptr);
  }
  return outcome;
}

}  // namespace

void raise_privilege() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return;
  for (const unsigned wanted : {unsigned{CAP_NET_ADMIN}, kPerfmon}) {
    __user_cap_data_struct& set = sets[CAP_TO_INDEX(wanted)];
    set.effective |= set.permitted & CAP_TO_MASK(wanted);
  }
  syscall(SYS_capset, &header, sets);
}

Failure drop_privilege(const std::vector<pid_t>& tids, const Become& become, int timeout_ms) {
  static_assert(std::atomic<int>::is_always_lock_free);
  plan = become;
  outcome = {};
  Action action{};
  action.handler = &handle;
  action.flags = kRestart;
#ifdef __x86_64__
  action.flags |= kRestorer;
  action.restorer = &procevents_restore_rt;
#endif
  Action old{};
  if (const int error = set_action(&action, &old)) return {"PROCEVENTS_PRIVILEGE", error};
  for (const pid_t tid : tids) {
    // The handler stays: a signal that is still on its way must not reach the C library's.
    if (const Failure failure = drop_on(tid, timeout_ms)) return failure;
  }
  set_action(&old, nullptr);
  return {};
}

void make_undumpable() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace procevents
