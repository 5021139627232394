{
  "targets": [
    {
      "target_name": "procevents",
      "sources": ["<!@(ls native/*.cc)"],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include_dir\")"],
      # The last: an environment that is being torn down (a terminated worker) takes no exceptions, and must not end the process.
      "defines": ["NAPI_VERSION=9", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-frtti"],
      "cflags!": ["-O3"],
      "cflags": ["-Wall", "-Wextra", "-Werror", "-O2", "-fvisibility=hidden", "-pthread"],
      "cflags_cc": ["-std=c++20", "-fno-exceptions"],
      "ldflags": ["-pthread"]
    }
  ]
}
