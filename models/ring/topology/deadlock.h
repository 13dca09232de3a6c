// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ring/topology/routes.h"

namespace ring {

/// The channel dependency graph of a routing table (Dally and Seitz): a channel is a link and a virtual
/// channel of it; an edge from c to d says that a packet of some transfer from GPU to GPU leaves c for d.
struct ChannelGraph {
  std::size_t edges = 0;
  std::vector<Hop> cycle;  ///< channels, each waiting for the next and the last for the first; empty = none
};
ChannelGraph channel_graph(const Fabric& fabric, const Routes& routes);

/// "gpu0->gpu1 (VC 0), gpu1->gpu2 (VC 0), ..., back to the first"; long ones are cut.
std::string cycle_text(const Fabric& fabric, const std::vector<Hop>& cycle);

}  // namespace ring
