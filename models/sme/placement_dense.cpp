// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/placement.h"
#include "models/sme/placement_split.h"

namespace sme {
namespace {

// Crossbar after crossbar: a group that does not fit into what a CU has left is cut, and its parts are
// computed on their own.
class Dense final : public PlacementPolicy {
 public:
  Dense(std::uint64_t units, unsigned crossbars) : total_(units * crossbars), crossbars_(crossbars) {}
  bool place(const Part& group, std::vector<Part>& parts) override {
    const unsigned count = static_cast<unsigned>(__builtin_popcount(group.mask));
    if (used_ + count > total_) return false;
    std::uint32_t left = group.mask;
    while (left != 0) {
      const unsigned room = crossbars_ - static_cast<unsigned>(used_ % crossbars_);
      const unsigned wanted = static_cast<unsigned>(__builtin_popcount(left));
      parts.push_back(cut(group, left, room, static_cast<std::uint32_t>(used_ / crossbars_)));
      used_ += std::min(room, wanted);
    }
    return true;
  }

 private:
  std::uint64_t total_;
  unsigned crossbars_;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_dense_placement(std::uint64_t units, unsigned crossbars) {
  return std::make_unique<Dense>(units, crossbars);
}

}  // namespace sme
