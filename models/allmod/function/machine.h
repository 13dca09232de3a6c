// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The only place that asks which processor it is compiled for.
#pragma once

#include "models/allmod/function/design.h"

namespace allmod {

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr bool kLittleEndian = true;
#else
constexpr bool kLittleEndian = false;
#endif

// Sum and difference of two limbs, written to `*out`; carry and borrow are 0 or 1. In an unrolled loop they
// become one chain of adc or sbb.
#if defined(__x86_64__) && !defined(__clang__)
using Carry = unsigned char;

// The builtin gets the destination itself: through a temporary, every limb would be stored twice. It is no
// access through `unsigned long long` that GCC reasons about, so limbs of another 64-bit type are safe.
inline Carry add_limb(Carry carry, Limb a, Limb b, Limb* out) {
  return __builtin_ia32_addcarryx_u64(carry, a, b, reinterpret_cast<unsigned long long*>(out));
}
inline Carry sub_limb(Carry borrow, Limb a, Limb b, Limb* out) {
  return __builtin_ia32_sbb_u64(borrow, a, b, reinterpret_cast<unsigned long long*>(out));
}
#else
using Carry = Limb;

inline Carry add_limb(Carry carry, Limb a, Limb b, Limb* out) {
  const Limb partial = a + carry, sum = partial + b;
  *out = sum;
  return static_cast<Carry>(partial < carry) | static_cast<Carry>(sum < b);
}
inline Carry sub_limb(Carry borrow, Limb a, Limb b, Limb* out) {
  const Limb partial = a - b;
  const Carry first = a < b;
  *out = partial - borrow;
  return first | static_cast<Carry>(partial < borrow);
}
#endif

// Hint that the cache line at `address` is read soon.
inline void prefetch(const void* address) { __builtin_prefetch(address); }

// In front of a loop with a constant count: unroll it whole.
#if defined(__GNUC__) && !defined(__clang__)
#define ALLMOD_UNROLL _Pragma("GCC unroll 32")
#else
#define ALLMOD_UNROLL
#endif

}  // namespace allmod
