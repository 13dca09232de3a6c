// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace ring {

Fabric torus(const std::vector<std::uint32_t>& dims, bool wrap, const LinkClass& link) {
  std::uint64_t gpus = 1;
  for (const std::uint32_t extent : dims) {
    gpus *= extent;
    if (gpus == 0 || gpus > kMaxGpus) break;
  }
  if (dims.empty() || gpus == 0 || gpus > kMaxGpus) {
    throw sim::Error(sim::Exit::usage, "the extents of a torus multiply to " + std::to_string(gpus) +
                                           "; 1.." + std::to_string(kMaxGpus) + " GPUs can be built");
  }
  FabricBuilder b("torus", static_cast<std::uint32_t>(gpus), 0, true);
  const std::uint32_t kind = b.add(link);
  std::uint32_t stride = 1;
  for (const std::uint32_t extent : dims) {
    for (NodeId node = 0; node < gpus; ++node) {
      const std::uint32_t at = node / stride % extent;
      if (at + 1 < extent) b.connect(node, node + stride, kind);
      if (at + 1 == extent && wrap && extent > 2) b.connect(node, node - at * stride, kind);
    }
    stride *= extent;
  }
  Fabric fabric = b.finish();
  fabric.torus_dims = dims;
  fabric.torus_wraps = wrap;
  return fabric;
}

std::vector<std::uint32_t> near_square(std::uint32_t gpus) {
  std::uint32_t best = 1;
  for (std::uint32_t d = 2; std::uint64_t{d} * d <= gpus; ++d) {
    if (gpus % d == 0) best = d;
  }
  if (best == 1) return {gpus};
  return {gpus / best, best};
}

}  // namespace ring
