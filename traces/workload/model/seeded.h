// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

// Seeded numbers in place of real weights, keys and values: the same bits on every machine and device.
namespace workload {

inline std::uint64_t split_mix(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Number `index` of a stream: the sum of four 16-bit uniforms, centred. Close to normal with deviation 1,
// within +-3.46 of them (no logarithm, no cosine).
inline float seeded_normal(std::uint64_t stream, std::uint64_t index) {
  const std::uint64_t x = split_mix(stream ^ split_mix(index));
  const auto sum =
      static_cast<std::int64_t>((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
  constexpr float kDeviation = 37837.2F;  // of the sum: 65536 * sqrt(4 / 12)
  return static_cast<float>(sum - 131070) / kDeviation;
}

// The stream of a layer's keys or values in a cache that is filled instead of computed; number (token *
// kv_heads + kv head) * head_dim + d of it is that element.
inline std::uint64_t kv_stream(std::uint64_t seed, unsigned layer, bool keys) {
  return split_mix(seed ^ split_mix(0xf111ULL << 32 ^ (2ULL * layer + (keys ? 0 : 1))));
}

}  // namespace workload
