// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/window_load.h"

#include <algorithm>

namespace common {

void WindowLoad::add(unsigned user, Ps from, Ps until, Ps busy) {
  const std::uint64_t first = from / window_, last = until > from ? (until - 1) / window_ : first;
  const double length = static_cast<double>(until > from ? until - from : 1);
  for (std::uint64_t number = first; number <= last; ++number) {
    double share = 1;
    if (last > first) {
      const Ps begin = std::max(from, number * window_), end = std::min(until, (number + 1) * window_);
      share = static_cast<double>(end - begin) / length;
    }
    Window& uses = windows_[number];
    if (uses.empty()) uses.resize(users_);
    Use& use = uses[user];
    use.busy += static_cast<double>(busy) * share;
    use.count += share;
  }
}

void WindowLoad::forget(Ps now) {
  const std::uint64_t current = now / window_;
  while (!windows_.empty() && windows_.begin()->first + 1 < current) windows_.erase(windows_.begin());
}

WindowLoad::Others WindowLoad::others(unsigned user, Ps now) {
  forget(now);
  Others result;
  if (windows_.empty() || windows_.begin()->first + 1 != now / window_) return result;
  const Window& window = windows_.begin()->second;
  double busy = 0, count = 0;
  for (unsigned u = 0; u < window.size(); ++u) {
    if (u == user) continue;
    busy += window[u].busy;
    count += window[u].count;
  }
  if (count <= 0) return result;
  result.share = std::min(kMostShare, busy / static_cast<double>(window_));
  result.mean = busy / count;
  return result;
}

bool WindowLoad::contended(Ps now, bool later) {
  forget(now);
  const auto several = [](const auto& window) {
    return std::count_if(window.second.begin(), window.second.end(),
                         [](const Use& use) { return use.busy > 0; }) > 1;
  };
  if (later) return std::any_of(windows_.begin(), windows_.end(), several);
  return !windows_.empty() && windows_.begin()->first + 1 == now / window_ && several(*windows_.begin());
}

}  // namespace common
