// Stage: privilege. Makes what is permitted count for the sources, and takes every privilege from
// threads of this process, for good, once they are open.
//
// Credentials belong to threads: capset and prctl reach only the caller's, and glibc's setresuid
// reaches all but knows nothing of capabilities. Node has eleven threads before our first line
// runs, so each has to do it itself: in the handler of a signal that is sent to just it. That has
// to be number 33, the one that glibc takes for its own setresuid: no thread blocks it, not even
// Node's inspector thread, and every program has to bear it in any of its system calls. (musl takes
// 33 for pthread_cancel; what is said of glibc holds there too.)
//
// An exec with the descriptors handed on would do without signals; but the new program would have
// to read its own files without the privilege, which a clone that only root may enter forbids.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "connector.h"

namespace procevents {

// On the calling thread: CAP_NET_ADMIN and CAP_PERFMON become effective, if they are permitted. The
// image's node has them permitted and no more (setcap =p): with =ep, the kernel refuses to execute
// it as soon as one of them is missing, and nothing of ours could say so. Without effect when it is
// not allowed; what is then opened tells what is missing.
void raise_privilege();

struct Become {
  bool change = false;  // without: user and groups stay
  uid_t uid = 0;
  gid_t gid = 0;
};

// On each of these threads of this process, the caller's included: empties the bounding set where
// CAP_SETPCAP allows it, leaves all groups, changes gid and uid, empties the other capability sets,
// and sets NO_NEW_PRIVS. A thread that has ended meanwhile is passed over.
// {PROCEVENTS_USER_CHANGE, errno} when user or groups cannot be changed; {PROCEVENTS_PRIVILEGE,
// errno} for the rest, ETIMEDOUT when a thread does not answer within `timeout_ms`. After a failure
// the process must end: some threads have changed, others not.
// Not to be called by two threads at a time. What has become of the threads is for the caller to
// look up in /proc/self/task.
Failure drop_privilege(const std::vector<pid_t>& tids, const Become& become, int timeout_ms);

// Keeps other processes of our user from reading this one's memory, also by way of a core file. To
// be called last: a change of credentials resets it to fs.suid_dumpable.
void make_undumpable();

}  // namespace procevents
