// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/placement.h"
#include "models/sme/placement_split.h"

namespace sme {
namespace {

// Groups share a CU as long as a whole one fits, and then take turns; looks back over the last CUs filled, so
// that a layer stays together.
class Whole final : public PlacementPolicy {
 public:
  Whole(std::uint64_t units, unsigned crossbars) : units_(units), crossbars_(crossbars) {}
  bool place(const Part& group, std::vector<Part>& parts) override {
    const unsigned count = static_cast<unsigned>(__builtin_popcount(group.mask));
    std::uint32_t left = group.mask;
    if (count <= crossbars_) {
      const std::size_t from = free_.size() > kLookBack ? free_.size() - kLookBack : 0;
      for (std::size_t u = from; u < free_.size(); ++u) {
        if (free_[u] < count) continue;
        free_[u] -= count;
        parts.push_back(cut(group, left, count, static_cast<std::uint32_t>(u)));
        return true;
      }
    }
    const std::uint64_t wanted = (count + crossbars_ - 1) / crossbars_;
    if (free_.size() + wanted > units_) return false;
    while (left != 0) {
      parts.push_back(cut(group, left, crossbars_, static_cast<std::uint32_t>(free_.size())));
      free_.push_back(crossbars_ - static_cast<unsigned>(__builtin_popcount(parts.back().mask)));
    }
    return true;
  }

 private:
  static constexpr std::size_t kLookBack = 12;
  std::uint64_t units_;
  unsigned crossbars_;
  std::vector<unsigned> free_;
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_whole_placement(std::uint64_t units, unsigned crossbars) {
  return std::make_unique<Whole>(units, crossbars);
}

}  // namespace sme
