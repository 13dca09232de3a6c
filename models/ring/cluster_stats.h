// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Statistics of a cluster, filled when a run has ended.
#pragma once

#include <memory>
#include <vector>

#include "models/ring/function/execution.h"
#include "sim/stats/stat.h"

namespace ring {

class GpuNode;
class PacketNetwork;
struct Fabric;

class ClusterStats {
 public:
  ClusterStats(sim::stats::Group& parent, const Fabric& fabric);
  ~ClusterStats();
  void fill(const Execution& execution, const PacketNetwork& network,
            const std::vector<std::unique_ptr<GpuNode>>& gpus);

 private:
  struct Gpu;
  sim::stats::Group network_group_;
  sim::stats::Gauge packets_, wire_bytes_, replays_, events_, jumps_, solos_, fallbacks_;
  std::vector<std::unique_ptr<Gpu>> gpus_;
};

}  // namespace ring
