// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <tlm>

#include "sim/core/units.h"

namespace sim::bus {

// What a payload carries beside its attributes: who it is and when it was sent.
//
// Sticky: PayloadPool allocates one Tag together with each payload and leaves it there when the payload goes
// back to the pool, so that a transaction costs no allocation. It is an ignorable extension: nothing that
// moves data may depend on its presence.
struct Tag final : tlm::tlm_extension<Tag> {
  std::uint64_t id = 0;    // number of this acquisition within its pool, counted from 1
  Cycle issued = 0;        // cycle in which the initiator sent the request; set by the initiator
  std::uint64_t user = 0;  // free for the initiator
  // Loosely timed targets: when what the access started is done, in ps, which is when their interrupt would
  // rise; 0: it started nothing.
  std::uint64_t ready_ps = 0;

  tlm::tlm_extension_base* clone() const override { return new Tag(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    const auto& from = static_cast<const Tag&>(other);
    id = from.id;
    issued = from.issued;
    user = from.user;
    ready_ps = from.ready_ps;
  }
};

// The tag of a payload, or nullptr when the payload does not come from a PayloadPool.
inline Tag* tag_of(const tlm::tlm_generic_payload& payload) { return payload.get_extension<Tag>(); }

}  // namespace sim::bus
