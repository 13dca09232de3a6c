// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/fnv.h"

#include <algorithm>
#include <numeric>

namespace workload {
namespace {

constexpr std::uint64_t kStart = 0xcbf29ce484222325ULL;
constexpr std::uint64_t kPrime = 0x100000001b3ULL;
constexpr std::size_t kTogether = 8;

std::uint64_t fnv1a(std::uint64_t hash, const unsigned char* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * kPrime;
  return hash;
}

}  // namespace

std::vector<std::uint64_t> fnv1a_all(const std::vector<Bytes>& strings) {
  // Strings of like length together, so that none waits for a long one.
  std::vector<std::size_t> order(strings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return strings[a].size < strings[b].size; });
  std::vector<std::uint64_t> hashes(strings.size(), kStart);
  std::size_t first = 0;
  for (; first + kTogether <= order.size(); first += kTogether) {
    const std::size_t common = strings[order[first]].size;
    std::uint64_t h[kTogether];
    const unsigned char* data[kTogether];
    for (std::size_t k = 0; k < kTogether; ++k) {
      h[k] = kStart;
      data[k] = strings[order[first + k]].data;
    }
    for (std::size_t i = 0; i < common; ++i) {
      for (std::size_t k = 0; k < kTogether; ++k) h[k] = (h[k] ^ data[k][i]) * kPrime;
    }
    for (std::size_t k = 0; k < kTogether; ++k) {
      hashes[order[first + k]] = fnv1a(h[k], data[k] + common, strings[order[first + k]].size - common);
    }
  }
  for (; first < order.size(); ++first) {
    const Bytes& string = strings[order[first]];
    hashes[order[first]] = fnv1a(kStart, string.data, string.size);
  }
  return hashes;
}

}  // namespace workload
