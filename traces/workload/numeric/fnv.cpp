// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/fnv.h"

#include <algorithm>

namespace workload {
namespace {

constexpr std::size_t kTogether = 8;

// A string that is being hashed: where it goes on, what is left of it, its hash so far, its number.
struct Stream {
  const unsigned char* at;
  std::size_t left;
  std::uint64_t hash;
  std::size_t number;
};

}  // namespace

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes, std::uint64_t hash) {
  for (const std::uint8_t byte : bytes) hash = fnv1a_step(hash, byte);
  return hash;
}

std::vector<std::uint64_t> fnv1a_all(const std::vector<Bytes>& strings) {
  std::vector<std::uint64_t> hashes(strings.size(), kFnvStart);
  Stream streams[kTogether];
  std::size_t active = 0;
  std::size_t next = 0;
  while (true) {
    for (; active < kTogether && next < strings.size(); ++next) {
      if (strings[next].size != 0)
        streams[active++] = {strings[next].data, strings[next].size, kFnvStart, next};
    }
    if (active == 0) return hashes;
    std::size_t common = streams[0].left;
    for (std::size_t k = 1; k < active; ++k) common = std::min(common, streams[k].left);
    if (active == kTogether) {
      // Locals, so that the compiler keeps all of it in registers.
      std::uint64_t h[kTogether];
      const unsigned char* at[kTogether];
      for (std::size_t k = 0; k < kTogether; ++k) {
        h[k] = streams[k].hash;
        at[k] = streams[k].at;
      }
      for (std::size_t i = 0; i < common; ++i) {
        for (std::size_t k = 0; k < kTogether; ++k) h[k] = fnv1a_step(h[k], at[k][i]);
      }
      for (std::size_t k = 0; k < kTogether; ++k) streams[k].hash = h[k];
    } else {
      for (std::size_t k = 0; k < active; ++k) {
        for (std::size_t i = 0; i < common; ++i) {
          streams[k].hash = fnv1a_step(streams[k].hash, streams[k].at[i]);
        }
      }
    }
    for (std::size_t k = active; k-- > 0;) {
      streams[k].at += common;
      streams[k].left -= common;
      if (streams[k].left != 0) continue;
      hashes[streams[k].number] = streams[k].hash;
      streams[k] = streams[--active];
    }
  }
}

}  // namespace workload
