// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/fnv.h"

#include <algorithm>

#include "traces/workload/numeric/fnv_wide.h"

namespace workload {
namespace {

constexpr std::size_t kTogether = 8;
constexpr std::size_t kWorthIt = 6;  // strings; of fewer, the lanes would be too empty

// A string that is being hashed: where it goes on, what is left of it, its hash so far, its number.
struct Stream {
  const unsigned char* at;
  std::size_t left;
  std::uint64_t hash;
  std::size_t number;
};

// All but less than a block of the strings, longest first, as long as they fill the lanes.
void hash_wide(std::vector<Stream>& streams) {
  std::stable_sort(streams.begin(), streams.end(),
                   [](const Stream& a, const Stream& b) { return a.left > b.left; });
  std::size_t active = 0;
  std::size_t next = 0;
  Stream* lanes[kFnvLanes];
  while (true) {
    for (; active < kFnvLanes && next < streams.size() && streams[next].left >= kFnvBlock; ++next) {
      lanes[active++] = &streams[next];
    }
    if (active < kWorthIt) return;
    std::size_t blocks = lanes[0]->left / kFnvBlock;
    std::uint64_t hashes[kFnvLanes];
    const unsigned char* at[kFnvLanes];
    for (std::size_t k = 0; k < kFnvLanes; ++k) {
      const Stream& s = *lanes[k < active ? k : 0];  // an empty lane does what the first one does
      blocks = std::min(blocks, s.left / kFnvBlock);
      hashes[k] = s.hash;
      at[k] = s.at;
    }
    fnv_wide(hashes, at, blocks);
    for (std::size_t k = active; k-- > 0;) {
      lanes[k]->hash = hashes[k];
      lanes[k]->at += blocks * kFnvBlock;
      lanes[k]->left -= blocks * kFnvBlock;
      if (lanes[k]->left < kFnvBlock) lanes[k] = lanes[--active];
    }
  }
}

// To their ends.
void hash_side_by_side(const std::vector<Stream>& all, std::vector<std::uint64_t>& hashes) {
  Stream streams[kTogether];
  std::size_t active = 0;
  std::size_t next = 0;
  while (true) {
    for (; active < kTogether && next < all.size(); ++next) {
      hashes[all[next].number] = all[next].hash;
      if (all[next].left != 0) streams[active++] = all[next];
    }
    if (active == 0) return;
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

}  // namespace

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes, std::uint64_t hash) {
  for (const std::uint8_t byte : bytes) hash = fnv1a_step(hash, byte);
  return hash;
}

std::vector<std::uint64_t> fnv1a_all(const std::vector<Bytes>& strings, SimdLevel level) {
  std::vector<Stream> streams;
  for (const Bytes& s : strings) streams.push_back({s.data, s.size, kFnvStart, streams.size()});
  if (level != SimdLevel::portable && fnv_wide_available()) hash_wide(streams);
  std::vector<std::uint64_t> hashes(strings.size());
  hash_side_by_side(streams, hashes);
  return hashes;
}

}  // namespace workload
