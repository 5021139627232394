// Converts types between JavaScript and the collector, and nothing else. All functions run on a
// JavaScript thread; the collector thread touches JavaScript only through the thread-safe function.
#include <errno.h>
#include <fcntl.h>
#include <napi.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>

#include "collector.h"
#include "connector.h"
#include "exec_names.h"
#include "exit_socket.h"
#include "kernel.h"
#include "layout.h"
#include "notify.h"
#include "privilege.h"

namespace procevents {
namespace {

// How long the end of an environment waits for the thread, which needs microseconds.
constexpr int kAbandonAfterMs = 500;

Napi::Value fail(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, strerror(failure.error));
  error.Set("code", failure.code);
  error.Set("errno", Napi::Number::New(env, failure.error));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

// openConnector(receiveBuffer: bytes, timeoutMs) -> { fd, receiveBuffer }
Napi::Value OpenConnector(const Napi::CallbackInfo& info) {
  Connector connector;
  const Failure failure =
      open_connector(info[0].ToNumber().Uint32Value(), info[1].ToNumber().Int32Value(), connector);
  if (failure) return fail(info.Env(), failure);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("fd", Napi::Number::New(info.Env(), connector.fd));
  result.Set("receiveBuffer",
             Napi::Number::New(info.Env(), static_cast<double>(connector.receive_buffer)));
  return result;
}

// listenAgain(fd) -> errno or 0. From Linux 6.6 on each socket has a state of its own, and needs no
// privilege to change it.
Napi::Value ListenAgain(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           send_operation(info[0].ToNumber().Int32Value(), kProcCnMcastListen, 0));
}

// ignoreConnector(fd) -> errno or 0
Napi::Value IgnoreConnector(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           send_operation(info[0].ToNumber().Int32Value(), kProcCnMcastIgnore, 0));
}

// filterConnector(fd, mask of PROC_EVENT_*) -> errno or 0
Napi::Value FilterConnector(const Napi::CallbackInfo& info) {
  return Napi::Number::New(
      info.Env(), send_filter(info[0].ToNumber().Int32Value(), info[1].ToNumber().Uint32Value()));
}

// describeSocket(fd) -> { netlink, datagrams, capacity: bytes, queued: bytes }
Napi::Value DescribeSocket(const Napi::CallbackInfo& info) {
  const int fd = info[0].ToNumber().Int32Value();
  int domain = 0, type = 0;
  socklen_t size = sizeof domain;
  SocketMemory memory;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
      getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || !socket_memory(fd, memory))
    return fail(info.Env(), {"PROCEVENTS_CONNECTOR_SOCKET", errno});
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("netlink", Napi::Boolean::New(info.Env(), domain == AF_NETLINK));
  const bool datagrams = type == SOCK_DGRAM || type == SOCK_RAW || type == SOCK_SEQPACKET;
  result.Set("datagrams", Napi::Boolean::New(info.Env(), datagrams));
  result.Set("capacity", Napi::Number::New(info.Env(), memory.capacity));
  result.Set("queued", Napi::Number::New(info.Env(), memory.queued));
  return result;
}

// openExecNames() -> fd[]
Napi::Value OpenExecNames(const Napi::CallbackInfo& info) {
  std::vector<int> fds;
  const Failure failure = open_exec_names(fds);
  if (failure) return fail(info.Env(), failure);
  Napi::Array result = Napi::Array::New(info.Env(), fds.size());
  for (uint32_t i = 0; i < fds.size(); ++i) result.Set(i, Napi::Number::New(info.Env(), fds[i]));
  return result;
}

// openExitRecords(receiveBuffer: bytes, timeoutMs) -> { fd, receiveBuffer }; ETIMEDOUT: registered,
// and nothing comes
Napi::Value OpenExitRecords(const Napi::CallbackInfo& info) {
  int fd = -1;
  uint64_t granted = 0;
  Failure failure = open_exit_records(info[0].ToNumber().Uint32Value(), fd, granted);
  if (!failure && !prove_exit_records(fd, info[1].ToNumber().Int32Value())) {
    close_exit_records(fd, 0);
    failure = {"PROCEVENTS_TASKSTATS", ETIMEDOUT};
  }
  if (failure) return fail(info.Env(), failure);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("fd", Napi::Number::New(info.Env(), fd));
  result.Set("receiveBuffer", Napi::Number::New(info.Env(), static_cast<double>(granted)));
  return result;
}

// listens(fd) -> boolean: a stream socket of AF_INET, AF_INET6 or AF_UNIX that listens
Napi::Value Listens(const Napi::CallbackInfo& info) {
  const int fd = info[0].ToNumber().Int32Value();
  const auto option = [fd](int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
  };
  const int domain = option(SO_DOMAIN);
  const bool served = domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX;
  return Napi::Boolean::New(info.Env(),
                            served && option(SO_TYPE) == SOCK_STREAM && option(SO_ACCEPTCONN) == 1);
}

// notify(address, message) -> errno or 0
Napi::Value Notify(const Napi::CallbackInfo& info) {
  const std::string address = info[0].ToString();
  const std::string message = info[1].ToString();
  return Napi::Number::New(info.Env(), notify(address, message));
}

// raisePrivilege()
void RaisePrivilege(const Napi::CallbackInfo&) { raise_privilege(); }

// dropPrivilege(tids, { uid, gid } or undefined, timeoutMs)
Napi::Value DropPrivilege(const Napi::CallbackInfo& info) {
  std::vector<pid_t> tids;
  const Napi::Array list = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) tids.push_back(list.Get(i).ToNumber().Int32Value());
  Become become;
  if (info[1].IsObject()) {
    const Napi::Object user = info[1].ToObject();
    become = {true, user.Get("uid").ToNumber().Uint32Value(),
              user.Get("gid").ToNumber().Uint32Value()};
  }
  const Failure failure = drop_privilege(tids, become, info[2].ToNumber().Int32Value());
  return failure ? fail(info.Env(), failure) : info.Env().Undefined();
}

// makeUndumpable()
void MakeUndumpable(const Napi::CallbackInfo&) { make_undumpable(); }

// new Collector({ fd, listening, procfs, execNames, exitRecords, ringSlots, gatherMs,
// stormThreshold, whole?, filtered?, nameless? }, wake): starts the thread. Owns fd from here on,
// whether it throws or not. `wake` is called on the JavaScript thread, without arguments, and never
// re-entrantly.
class CollectorWrap : public Napi::ObjectWrap<CollectorWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Collector",
                       {InstanceMethod<&CollectorWrap::RequestCut>("requestCut"),
                        InstanceMethod<&CollectorWrap::ReadFigures>("readFigures"),
                        InstanceMethod<&CollectorWrap::Stop>("stop"),
                        InstanceAccessor<&CollectorWrap::Memory>("memory")});
  }

  explicit CollectorWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CollectorWrap>(info) {
    Napi::Env env = info.Env();
    Napi::Object options = info[0].ToObject();
    CollectorOptions o;
    o.fd = options.Get("fd").ToNumber().Int32Value();
    o.listening = options.Get("listening").ToBoolean();
    o.ring_slots = options.Get("ringSlots").ToNumber().Uint32Value();
    o.gather_ns = static_cast<uint64_t>(options.Get("gatherMs").ToNumber().DoubleValue() * 1e6);
    o.storm_threshold = options.Get("stormThreshold").ToNumber().Uint32Value();
    o.wants.whole = options.Get("whole").ToBoolean();
    o.wants.filtered = options.Get("filtered").ToBoolean();
    o.wants.nameless = options.Get("nameless").ToBoolean();
    const Napi::Array names = options.Get("execNames").As<Napi::Array>();
    for (uint32_t i = 0; i < names.Length(); ++i)
      o.exec_names.push_back(names.Get(i).ToNumber().Int32Value());
    o.exit_records = options.Get("exitRecords").ToNumber().Int32Value();
    int procfs_error = 0;
    if (!o.wants.nameless) {
      const std::string procfs = options.Get("procfs").ToString();
      o.procfs = open(procfs.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (o.procfs < 0) procfs_error = errno;
    }
    // Node's own function rather than the wrapper's: that one ends the process when a worker is
    // terminated in a call. A queue of one: a call that is still waiting will look at everything
    // there is.
    napi_create_threadsafe_function(env, info[1], nullptr, Napi::String::New(env, "procevents"), 1,
                                    1, nullptr, nullptr, nullptr, nullptr, &wake_);
    o.wake = [wake = wake_] {
      napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking);
    };
    collector_ = new Collector(std::move(o));
    const Failure failure =
        procfs_error != 0 ? Failure{"PROCEVENTS_PROCFS", procfs_error} : collector_->start();
    if (failure) {
      End(0);
      fail(env, failure);
      return;
    }
    // Hooks run in reverse order: this one joins the thread before the thread-safe function's own
    // hook ends that.
    env_ = env;
    hooked_ = napi_add_env_cleanup_hook(env, &CollectorWrap::AtExit, this) == napi_ok;
  }

  ~CollectorWrap() override { End(0); }

 private:
  static void AtExit(void* self) {
    auto* wrap = static_cast<CollectorWrap*>(self);
    wrap->hooked_ = false;
    // A thread that a debugger holds is abandoned, with all that it uses: the process is about to
    // end.
    if (!wrap->End(kAbandonAfterMs)) wrap->collector_ = nullptr;
  }

  // Idempotent. False: the thread has not ended yet.
  bool End(int timeout_ms) {
    if (collector_ == nullptr) return true;
    if (!collector_->stop(timeout_ms)) return false;
    delete collector_;
    collector_ = nullptr;
    napi_release_threadsafe_function(wake_, napi_tsfn_release);
    if (hooked_) napi_remove_env_cleanup_hook(env_, &CollectorWrap::AtExit, this);
    hooked_ = false;
    return true;
  }

  // -> ArrayBuffer over the ring's memory, which lives as long as somebody holds it
  Napi::Value Memory(const Napi::CallbackInfo& info) {
    if (collector_ == nullptr) return info.Env().Undefined();
    auto* held = new std::shared_ptr<void>(collector_->memory());
    return Napi::ArrayBuffer::New(
        info.Env(), held->get(), collector_->memory_bytes(),
        [](Napi::Env, void*, std::shared_ptr<void>* hint) { delete hint; }, held);
  }

  // -> number of the request
  Napi::Value RequestCut(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), collector_ == nullptr ? 0 : collector_->request_cut());
  }

  // (Float64Array) -> false when no consistent set could be had
  Napi::Value ReadFigures(const Napi::CallbackInfo& info) {
    auto out = info[0].As<Napi::Float64Array>();
    const bool ok =
        collector_ != nullptr && out.ElementLength() >= kFigures && collector_->figures(out.Data());
    return Napi::Boolean::New(info.Env(), ok);
  }

  // (timeoutMs) -> true when the thread has ended; idempotent
  Napi::Value Stop(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), End(info[0].ToNumber().Int32Value()));
  }

  Collector* collector_ = nullptr;
  napi_threadsafe_function wake_ = nullptr;
  napi_env env_ = nullptr;
  bool hooked_ = false;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("openConnector", Napi::Function::New<OpenConnector>(env, "openConnector"));
  exports.Set("listenAgain", Napi::Function::New<ListenAgain>(env, "listenAgain"));
  exports.Set("ignoreConnector", Napi::Function::New<IgnoreConnector>(env, "ignoreConnector"));
  exports.Set("filterConnector", Napi::Function::New<FilterConnector>(env, "filterConnector"));
  exports.Set("describeSocket", Napi::Function::New<DescribeSocket>(env, "describeSocket"));
  exports.Set("openExecNames", Napi::Function::New<OpenExecNames>(env, "openExecNames"));
  exports.Set("openExitRecords", Napi::Function::New<OpenExitRecords>(env, "openExitRecords"));
  exports.Set("listens", Napi::Function::New<Listens>(env, "listens"));
  exports.Set("notify", Napi::Function::New<Notify>(env, "notify"));
  exports.Set("raisePrivilege", Napi::Function::New<RaisePrivilege>(env, "raisePrivilege"));
  exports.Set("dropPrivilege", Napi::Function::New<DropPrivilege>(env, "dropPrivilege"));
  exports.Set("makeUndumpable", Napi::Function::New<MakeUndumpable>(env, "makeUndumpable"));
  exports.Set("Collector", CollectorWrap::Define(env));
  exports.Set("layout", layout(env));
  return exports;
}

NODE_API_MODULE(procevents, Init)

}  // namespace
}  // namespace procevents
