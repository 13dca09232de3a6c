// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/arbiter.h"

namespace sme {
namespace {

class Oldest final : public Arbiter {
 public:
  std::size_t grant(const Request* requests, std::size_t count, Cycle now) override {
    std::size_t best = kNobody;
    for (std::size_t i = 0; i < count; ++i) {
      if (requests[i].since <= now && (best == kNobody || requests[i].since < requests[best].since)) best = i;
    }
    return best;
  }
};

}  // namespace

std::unique_ptr<Arbiter> make_oldest_arbiter() { return std::make_unique<Oldest>(); }

}  // namespace sme
