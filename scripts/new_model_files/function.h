// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What the hardware computes: bit-true, no clock, no SystemC.
#pragma once

#include <cstdint>

namespace NAME {

/// x * x, of 64 bits the low ones.
inline std::uint64_t square(std::uint64_t x) { return x * x; }

}  // namespace NAME
