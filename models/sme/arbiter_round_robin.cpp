// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/arbiter.h"

namespace sme {
namespace {

class RoundRobin final : public Arbiter {
 public:
  std::size_t grant(const Request* requests, std::size_t count, Cycle now) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t place = next_ + i;
      if (place >= count) place -= count;
      if (requests[place].since > now) continue;
      next_ = place + 1 == count ? 0 : place + 1;
      return place;
    }
    return kNobody;
  }

 private:
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Arbiter> make_round_robin_arbiter() { return std::make_unique<RoundRobin>(); }

}  // namespace sme
