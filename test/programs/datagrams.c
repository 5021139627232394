// A socket that stands in for the kernel's, inside the test's own process: a Node-API addon, for
// tests only. Output: pair(type) -> [ours, theirs]: a pair of sockets of that SOCK_*; send(fd,
// bytes): waits while the queue (net.unix.max_dgram_qlen datagrams) is full; close(fd).
#include <errno.h>
#include <node_api.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static napi_value fail(napi_env env) {
  napi_throw_error(env, NULL, strerror(errno));
  return NULL;
}

static napi_value pair(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value type_value;
  int32_t type = SOCK_DGRAM;
  int fds[2];
  napi_get_cb_info(env, info, &count, &type_value, NULL, NULL);
  napi_get_value_int32(env, type_value, &type);
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) < 0) return fail(env);
  napi_value array, number;
  napi_create_array(env, &array);
  for (uint32_t i = 0; i < 2; i++) {
    napi_create_int32(env, fds[i], &number);
    napi_set_element(env, array, i, number);
  }
  return array;
}

static napi_value send_bytes(napi_env env, napi_callback_info info) {
  size_t count = 2, size = 0;
  napi_value arguments[2];
  int32_t fd = -1;
  void *bytes = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_typedarray_info(env, arguments[1], NULL, &size, &bytes, NULL, NULL);
  if (send(fd, bytes, size, MSG_NOSIGNAL) < 0) return fail(env);
  return NULL;
}

static napi_value close_fd(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t fd = -1;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_int32(env, argument, &fd);
  return close(fd) < 0 ? fail(env) : NULL;
}

static void export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

NAPI_MODULE_INIT() {
  export(env, exports, "pair", pair);
  export(env, exports, "send", send_bytes);
  export(env, exports, "close", close_fd);
  return exports;
}
