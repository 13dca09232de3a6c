// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/placement.h"
#include "models/sme/placement_split.h"

namespace sme {
namespace {

// Every group has CUs of its own; what it leaves free stays unused.
class PerTile final : public PlacementPolicy {
 public:
  PerTile(std::uint64_t units, unsigned crossbars) : units_(units), crossbars_(crossbars) {}
  bool place(const Part& group, std::vector<Part>& parts) override {
    const unsigned count = static_cast<unsigned>(__builtin_popcount(group.mask));
    const std::uint64_t wanted = (count + crossbars_ - 1) / crossbars_;
    if (used_ + wanted > units_) return false;
    std::uint32_t left = group.mask;
    while (left != 0) parts.push_back(cut(group, left, crossbars_, static_cast<std::uint32_t>(used_++)));
    return true;
  }

 private:
  std::uint64_t units_;
  unsigned crossbars_;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_per_tile_placement(std::uint64_t units, unsigned crossbars) {
  return std::make_unique<PerTile>(units, crossbars);
}

}  // namespace sme
