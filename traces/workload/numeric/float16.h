// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "traces/workload/numeric/cpu.h"

namespace workload {

// IEEE 754 binary16, kept as its bits.
using Float16 = std::uint16_t;

constexpr float kFloat16Max = 65504.0F;

// Exact. NaN keeps sign and upper payload bits and becomes quiet, as F16C does it.
float to_float(Float16 bits);

// Rounds to nearest, ties to even; beyond the range to infinity; subnormals are kept. NaN stays NaN (quiet).
Float16 to_float16(float value);

// As to_float16(), but magnitudes beyond the range become +-65504, infinity included.
Float16 to_float16_saturated(float value);

// The same over `count` elements; F16C where `level` has it. `in` and `out` do not overlap.
void to_float(const Float16* in, std::size_t count, float* out, SimdLevel level = detect_simd_level());
void to_float16(const float* in, std::size_t count, Float16* out, SimdLevel level = detect_simd_level());

}  // namespace workload
