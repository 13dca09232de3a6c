// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <chrono>

namespace sim::sweep {

// Seconds of a clock that never goes back; only differences mean something.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace sim::sweep
