// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace ring {

Fabric full_mesh(std::uint32_t gpus, const LinkClass& link) {
  if (std::uint64_t{gpus} * gpus > kMaxLinks) {
    throw sim::Error(sim::Exit::usage, "a full mesh of " + std::to_string(gpus) + " GPUs has " +
                                           std::to_string(std::uint64_t{gpus} * (gpus - 1)) +
                                           " links; at most " + std::to_string(kMaxLinks) + " are built");
  }
  FabricBuilder b("full_mesh", gpus, 0, false);
  const std::uint32_t kind = b.add(link);
  for (NodeId from = 0; from < gpus; ++from) {  // in the order of the index
    for (NodeId to = 0; to < gpus; ++to) {
      if (from != to) b.one_way(from, to, kind);
    }
  }
  return b.finish();
}

}  // namespace ring
