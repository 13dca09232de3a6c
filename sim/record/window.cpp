// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/window.h"

#include <fnmatch.h>

#include "sim/core/error.h"

namespace sim::record {

std::uint64_t time_ps(Cycle at, std::uint64_t period_ps) {
  std::uint64_t time = 0;
  if (__builtin_mul_overflow(at, period_ps, &time)) {
    throw Error(Exit::limit, "cycle " + std::to_string(at) + " of " + std::to_string(period_ps) +
                                 " ps cannot be recorded: its time exceeds 2^64 ps; set record.to_cycle");
  }
  return time;
}

bool Globs::match(const std::string& path) {
  bool any = patterns_.empty();
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (::fnmatch(patterns_[i].c_str(), path.c_str(), FNM_NOESCAPE) != 0) continue;
    used_[i] = true;
    any = true;
  }
  return any;
}

std::vector<std::string> Globs::unused() const {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (!used_[i]) list.push_back(patterns_[i]);
  }
  return list;
}

}  // namespace sim::record
