// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/ring/function/analysis.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace ring {

/// Lists `ranks` and `steps` of stats.json.
class RankStats {
 public:
  RankStats(sim::stats::Group& parent, unsigned ranks, unsigned steps);
  void fill(const Analysis& analysis);

 private:
  struct Rank;
  struct Step;
  std::vector<std::unique_ptr<Rank>> ranks_;
  std::vector<std::unique_ptr<Step>> steps_;

 public:
  ~RankStats();
};

}  // namespace ring
