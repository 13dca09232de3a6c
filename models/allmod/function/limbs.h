// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Bits of numbers in limbs, least significant limb first.
#pragma once

#include <algorithm>
#include <cstddef>

#include "models/allmod/function/design.h"

namespace allmod {

inline mp_size_t mp_size(std::size_t limbs) { return static_cast<mp_size_t>(limbs); }

// Clears all bits from `bits` on.
inline void mask_bits(Limb* value, std::size_t limbs, std::size_t bits) {
  for (std::size_t i = bits / kLimbBits; i < limbs; ++i)
    value[i] = i * kLimbBits < bits ? value[i] & ((Limb{1} << (bits % kLimbBits)) - 1) : 0;
}

// The `limbs` limbs of value >> shift, value having `from` limbs.
inline void shift_right(Limb* out, std::size_t limbs, const Limb* value, std::size_t from,
                        std::size_t shift) {
  const std::size_t skip = shift / kLimbBits, bits = shift % kLimbBits;
  for (std::size_t i = 0; i < limbs; ++i) {
    const Limb low = i + skip < from ? value[i + skip] : 0;
    const Limb high = i + skip + 1 < from ? value[i + skip + 1] : 0;
    out[i] = bits == 0 ? low : (low >> bits) | (high << (kLimbBits - bits));
  }
}

// The low `bits` bits of a value of `from` limbs, in `limbs` limbs.
inline void low_bits(Limb* out, std::size_t limbs, const Limb* value, std::size_t from, std::size_t bits) {
  const std::size_t given = std::min(limbs, from);
  std::copy_n(value, given, out);
  std::fill(out + given, out + limbs, Limb{0});
  mask_bits(out, limbs, bits);
}

}  // namespace allmod
