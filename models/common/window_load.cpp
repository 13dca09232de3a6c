// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/window_load.h"

#include <algorithm>

namespace common {

WindowLoad::Window& WindowLoad::at(std::uint64_t number) {
  while (first_ + windows_.size() <= number) windows_.emplace_back();
  Window& window = windows_[static_cast<std::size_t>(number - first_)];
  if (window.empty()) window.resize(users_);
  return window;
}

void WindowLoad::add(unsigned user, Ps from, Ps until, Ps busy) {
  const std::uint64_t first = from / window_, last = until > from ? (until - 1) / window_ : first;
  const double length = static_cast<double>(until > from ? until - from : 1);
  for (std::uint64_t number = std::max(first, first_); number <= last; ++number) {
    double share = 1;
    if (last > first) {
      const Ps begin = std::max(from, number * window_), end = std::min(until, (number + 1) * window_);
      share = static_cast<double>(end - begin) / length;
    }
    Use& use = at(number)[user];
    use.busy += static_cast<double>(busy) * share;
    use.count += share;
  }
}

void WindowLoad::forget(Ps now) {
  const std::uint64_t over = now / window_;  // the number of the first window that is not over
  while (first_ + 1 < over) {
    if (!windows_.empty()) {
      windows_.pop_front();
      ++first_;
    } else {
      first_ = over - 1;
    }
  }
}

WindowLoad::Others WindowLoad::others(unsigned user, Ps now) {
  forget(now);
  Others result;
  if (now / window_ == 0 || windows_.empty() || first_ != now / window_ - 1) return result;
  const Window& window = windows_.front();
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
  const auto several = [](const Window& window) {
    return std::count_if(window.begin(), window.end(), [](const Use& use) { return use.busy > 0; }) > 1;
  };
  if (later) return std::any_of(windows_.begin(), windows_.end(), several);
  return now / window_ > 0 && !windows_.empty() && first_ == now / window_ - 1 && several(windows_.front());
}

}  // namespace common
