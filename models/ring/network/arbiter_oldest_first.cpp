// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/network/arbiter.h"

namespace ring {
namespace {

class OldestFirst final : public Arbiter {
 public:
  std::size_t choose(const Offer* offers, std::size_t n, std::uint64_t last_winner) const override {
    std::size_t best = n;
    for (std::size_t i = 0; i < n; ++i) {
      const bool later_turn = best != n && (offers[best].key > last_winner || offers[i].key <= last_winner);
      if (best == n || offers[i].since < offers[best].since ||
          (offers[i].since == offers[best].since && !later_turn)) {
        best = i;
      }
    }
    return best;
  }
  bool looks_at_age() const override { return true; }
};

}  // namespace

std::unique_ptr<Arbiter> make_oldest_first() { return std::make_unique<OldestFirst>(); }

}  // namespace ring
