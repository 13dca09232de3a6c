// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

namespace workload {

// Instruction sets for which there are kernels. Every kernel gives the same bits at every level.
enum class SimdLevel { portable, avx2, avx512 };

// The highest level that this processor has (avx2 includes F16C; avx512 means F, BW, DQ, VL and VNNI).
SimdLevel detect_simd_level();

// The levels of this processor, lowest first; for tests that compare them.
const char* name(SimdLevel level);

}  // namespace workload
