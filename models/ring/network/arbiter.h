// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Who goes first when several packets could.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "models/ring/network/hardware.h"

namespace ring {

/// Somebody with a packet that could go now.
struct Offer {
  std::uint64_t key;    ///< identity of the requester: buffers before messages of the node itself
  Picoseconds since;    ///< when this packet was there and could have gone, had nothing else been in its way
  std::uint32_t index;  ///< for the caller
};

/// Asked only when two or more could go. Stateless: the key of the last winner comes with the question, so
/// that one object serves every link.
class Arbiter {
 public:
  virtual ~Arbiter() = default;
  /// Position of the winner in `offers`, which has n >= 2 entries with ascending keys.
  virtual std::size_t choose(const Offer* offers, std::size_t n, std::uint64_t last_winner) const = 0;
  /// Whether the answer depends on Offer::since, and not only on who is there.
  virtual bool looks_at_age() const = 0;
};

/// The next key after the last winner's, in a circle.
std::unique_ptr<Arbiter> make_round_robin();
/// The smallest `since`; ties go round.
std::unique_ptr<Arbiter> make_oldest_first();

std::unique_ptr<Arbiter> make_arbiter(ArbiterKind kind);

}  // namespace ring
