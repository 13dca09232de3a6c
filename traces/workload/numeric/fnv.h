// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/numeric/cpu.h"

namespace workload {

// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), the digest of codes and sums in a trace.
constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325U;
constexpr std::uint64_t kFnvPrime = 0x100000001b3U;
constexpr std::uint64_t fnv1a_step(std::uint64_t hash, std::uint8_t byte) {
  return (hash ^ byte) * kFnvPrime;
}

// Over bytes, continued from `hash`.
std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes, std::uint64_t hash = kFnvStart);

// Of several byte strings. One hash is a chain of multiplications that a processor cannot overlap, so they
// are hashed side by side; the same hashes with every instruction set.
struct Bytes {
  const unsigned char* data;
  std::size_t size;
};
std::vector<std::uint64_t> fnv1a_all(const std::vector<Bytes>& strings,
                                     SimdLevel level = detect_simd_level());

}  // namespace workload
