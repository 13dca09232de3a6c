// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/sme/placement.h"

namespace sme {

// The part of a group with its `count` lowest crossbars of `left`, which are taken out of it.
inline Part cut(const Part& group, std::uint32_t& left, unsigned count, std::uint32_t unit) {
  Part part = group;
  part.unit = unit;
  part.mask = 0;
  for (unsigned i = 0; i < count && left != 0; ++i) {
    const std::uint32_t lowest = left & (~left + 1);
    part.mask |= lowest;
    left &= ~lowest;
  }
  return part;
}

}  // namespace sme
