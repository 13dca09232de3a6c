// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace ring {

Fabric nvswitch(std::uint32_t gpus, std::uint32_t switches, const LinkClass& link) {
  if (switches == 0 || std::uint64_t{gpus} * switches * 2 > kMaxLinks) {
    throw sim::Error(sim::Exit::usage, "a fabric of " + std::to_string(gpus) + " GPUs and " +
                                           std::to_string(switches) + " switches cannot be built");
  }
  FabricBuilder b("nvswitch", gpus, switches, false);
  const std::uint32_t kind = b.add(link);
  for (NodeId gpu = 0; gpu < gpus; ++gpu) {
    for (std::uint32_t s = 0; s < switches; ++s) b.connect(gpu, b.sw(s), kind);
  }
  return b.finish();
}

}  // namespace ring
