// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How busy a shared thing is, for units whose clocks run ahead of each other. Plain, no SystemC.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/common/hbm_config.h"

namespace common {

// Contention where time is loose: accesses come in the order of calls, not of times, so nobody can be told
// whom exactly he waits for. Instead time is cut into windows; every user's use is added up in those that it
// covers, and whoever comes is delayed by what the others did in the last window that is over for everybody
// (that lies wholly before the simulation's own time). What is read is never written any more, and sums do
// not depend on their order: neither does any result.
class WindowLoad {
 public:
  static constexpr double kMostShare = 0.95;  // that others() says at the most

  // `window` > 0. Users are numbered from 0.
  WindowLoad(Ps window, unsigned users) : window_(window), users_(users) {}

  // `user` needs the thing for `busy` in all, spread evenly over [from, until]; in one piece for from =
  // until.
  void add(unsigned user, Ps from, Ps until, Ps busy);

  struct Others {
    double share = 0;  // of the window in which they had it
    double mean = 0;   // length of their uses, ps
  };
  // Of the users but `user`, in the last window over at `now`. `now` never decreases.
  Others others(unsigned user, Ps now);
  // Whether two users or more used it in that window, or (`later`) in any from it on.
  bool contended(Ps now, bool later);

  Ps window() const { return window_; }

 private:
  struct Use {
    double busy = 0, count = 0;
  };
  using Window = std::vector<Use>;  // by user
  void forget(Ps now);

  Ps window_;
  unsigned users_;
  std::map<std::uint64_t, Window> windows_;  // by number; those that were used, from the last one over on
};

}  // namespace common
