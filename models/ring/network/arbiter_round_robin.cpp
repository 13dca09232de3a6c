// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/network/arbiter.h"

namespace ring {
namespace {

class RoundRobin final : public Arbiter {
 public:
  std::size_t choose(const Offer* offers, std::size_t n, std::uint64_t last_winner) const override {
    for (std::size_t i = 0; i < n; ++i) {
      if (offers[i].key > last_winner) return i;
    }
    return 0;
  }
  bool looks_at_age() const override { return false; }
};

}  // namespace

std::unique_ptr<Arbiter> make_round_robin() { return std::make_unique<RoundRobin>(); }

std::unique_ptr<Arbiter> make_arbiter(ArbiterKind kind) {
  return kind == ArbiterKind::oldest_first ? make_oldest_first() : make_round_robin();
}

}  // namespace ring
