// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <memory>

#include "models/sme/chip_config.h"

namespace sme {

// One who wants a bus. Requesters have fixed places, so that an arbiter may go round them.
struct Request {
  Cycle since = sim::kNever;  // earliest cycle at which it may be granted; kNever = no request
  bool result = false;        // carries results away (else it brings inputs)
};

// Who gets a bus next. Must depend on its arguments and on earlier answers only.
class Arbiter {
 public:
  virtual ~Arbiter() = default;
  static constexpr std::size_t kNobody = ~std::size_t{0};
  // Among requests with since <= now: the place of the one to be granted, kNobody when there is none.
  virtual std::size_t grant(const Request* requests, std::size_t count, Cycle now) = 0;
};

std::unique_ptr<Arbiter> make_round_robin_arbiter();    // the first behind the last one granted
std::unique_ptr<Arbiter> make_oldest_arbiter();         // the longest waiting, ties by place
std::unique_ptr<Arbiter> make_results_first_arbiter();  // results before inputs, each round robin
std::unique_ptr<Arbiter> make_arbiter(ArbiterKind kind);

}  // namespace sme
