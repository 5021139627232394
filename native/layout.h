// The seam's words for JavaScript: names and numbers out, for the test that holds
// src/collector/record.ts against them.
#pragma once

#include <napi.h>

namespace procevents {

Napi::Object layout(Napi::Env env);

}  // namespace procevents
