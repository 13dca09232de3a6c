// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace workload {

// Sixteen FNV-1a hashes at once, for processors with AVX2.
//
// One hash is a chain: h' = (h ^ byte) P. But the exclusive or touches the lowest byte only, so it adds
// d = (h ^ byte) - h, with -255 <= d <= 255, and what d is follows from the low bits of h alone, which form a
// short chain of their own. Over n bytes h becomes h P^n + sum of d_i P^(n - i): a sum of products, which has
// no order. The short chains of sixteen strings run in the 16-bit lanes of a vector; the sums are taken with
// the powers of P cut into signed words of 16 bits.
constexpr std::size_t kFnvLanes = 16;
constexpr std::size_t kFnvBlock = 128;

bool fnv_wide_available();

// Goes on with hashes[k] over the blocks * kFnvBlock bytes at at[k], for each of the lanes k.
void fnv_wide(std::uint64_t* hashes, const unsigned char* const* at, std::size_t blocks);

}  // namespace workload
