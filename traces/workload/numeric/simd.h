// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include "traces/workload/numeric/cpu.h"

// Kernels are written once, as always-inlined functions over vectors of 16 lanes, and compiled for every
// SimdLevel by thin wrappers with a target attribute. Lanes and the order of operations are the same at every
// level, and no multiply-add is fused (-ffp-contract=off), so that all levels give the same bits.
#define WORKLOAD_INLINE inline __attribute__((always_inline))
#if defined(__x86_64__)
#define WORKLOAD_AVX2 __attribute__((target("avx2,f16c")))
#define WORKLOAD_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,f16c")))
#else
#define WORKLOAD_AVX2
#define WORKLOAD_AVX512
#endif

namespace workload {

constexpr unsigned kLanes = 16;

// Loaded and stored by dereferencing; no alignment beyond the element's.
typedef float F32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef std::int32_t I32x16 __attribute__((vector_size(64), aligned(4), may_alias));

// Vectors as wide as a level has them (16, 32, 64 bytes), for kernels that compare: the compiler takes
// comparisons of wider ones apart, lane by lane. For arithmetic alone F32x16 does at every level.
template <unsigned kBytes>
struct Vector {
  typedef float F32 __attribute__((vector_size(kBytes), aligned(4), may_alias));
  typedef std::int32_t I32 __attribute__((vector_size(kBytes), aligned(4), may_alias));
  static constexpr unsigned kWidth = kBytes / 4;
};

}  // namespace workload
