// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/arbiter.h"

namespace sme {
namespace {

class ResultsFirst final : public Arbiter {
 public:
  std::size_t grant(const Request* requests, std::size_t count, Cycle now) override {
    const std::size_t result = find(requests, count, now, true);
    return result != kNobody ? result : find(requests, count, now, false);
  }

 private:
  std::size_t find(const Request* requests, std::size_t count, Cycle now, bool result) {
    std::size_t& next = next_[result ? 1 : 0];
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = (next + i) % count;
      if (requests[place].since > now || requests[place].result != result) continue;
      next = (place + 1) % count;
      return place;
    }
    return kNobody;
  }

  std::size_t next_[2] = {0, 0};  // inputs, results
};

}  // namespace

std::unique_ptr<Arbiter> make_results_first_arbiter() { return std::make_unique<ResultsFirst>(); }

}  // namespace sme
