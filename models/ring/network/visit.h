// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Walks over what flows use, each thing once.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ring/network/state.h"

namespace ring {

/// Stamps for outputs, lanes and nodes: a walk begins by taking a new stamp.
class Visit {
 public:
  Visit(std::vector<std::uint32_t>& seen, std::uint32_t& stamp, std::size_t outputs, std::size_t lanes,
        std::size_t nodes)
      : seen_(seen), outputs_(outputs), lanes_(lanes) {
    if (seen_.empty() || stamp == ~std::uint32_t{0}) {
      seen_.assign(outputs + lanes + nodes, 0);
      stamp = 0;
    }
    stamp_ = ++stamp;
  }
  bool first_time(std::size_t index) {
    if (seen_[index] == stamp_) return false;
    seen_[index] = stamp_;
    return true;
  }
  std::size_t output(std::uint32_t o) const { return o; }
  std::size_t lane(std::uint32_t l) const { return outputs_ + l; }
  std::size_t node(NodeId n) const { return outputs_ + lanes_ + n; }

 private:
  std::vector<std::uint32_t>& seen_;
  std::size_t outputs_, lanes_;
  std::uint32_t stamp_;
};

}  // namespace ring
