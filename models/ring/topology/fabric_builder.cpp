// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <utility>

#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace ring {
namespace {

bool same(const LinkClass& a, const LinkClass& b) {
  return a.name == b.name && a.rate == b.rate && a.lanes == b.lanes && a.payload_bytes == b.payload_bytes &&
         a.header_bytes == b.header_bytes && a.latency_ps == b.latency_ps && a.vcs == b.vcs &&
         a.credits == b.credits && a.flow == b.flow && a.bit_error_rate == b.bit_error_rate;
}

}  // namespace

FabricBuilder::FabricBuilder(std::string kind, std::uint32_t gpus, std::uint32_t switches,
                             bool gpus_forward) {
  if (gpus == 0 || gpus > kMaxGpus) {
    throw sim::Error(sim::Exit::usage, "a fabric of " + std::to_string(gpus) + " GPUs: 1.." +
                                           std::to_string(kMaxGpus) + " can be built");
  }
  fabric_.kind = std::move(kind);
  fabric_.gpus = gpus;
  fabric_.switches = switches;
  fabric_.gpus_forward = gpus_forward;
  fabric_.names.reserve(fabric_.nodes());
  for (std::uint32_t i = 0; i < gpus; ++i) fabric_.names.push_back("gpu" + std::to_string(i));
  for (std::uint32_t i = 0; i < switches; ++i) fabric_.names.push_back("switch" + std::to_string(i));
  fabric_.ports.resize(fabric_.nodes());
}

std::uint32_t FabricBuilder::add(LinkClass link) {
  for (std::uint32_t i = 0; i < fabric_.classes.size(); ++i) {
    if (same(fabric_.classes[i], link)) return i;
  }
  fabric_.classes.push_back(std::move(link));
  return static_cast<std::uint32_t>(fabric_.classes.size() - 1);
}

void FabricBuilder::one_way(NodeId from, NodeId to, std::uint32_t kind) {
  if (fabric_.links.size() >= kMaxLinks) {
    throw sim::Error(sim::Exit::usage, "a fabric of more than " + std::to_string(kMaxLinks) +
                                           " links: use fewer GPUs, or switches between them");
  }
  fabric_.links.push_back({from, to, kind});
}

void FabricBuilder::connect(NodeId a, NodeId b, std::uint32_t kind) {
  one_way(a, b, kind);
  one_way(b, a, kind);
}

Fabric FabricBuilder::finish() {
  fabric_.index();
  return std::move(fabric_);
}

}  // namespace ring
