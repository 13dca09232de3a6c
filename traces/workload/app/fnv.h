// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace workload {

// FNV-1a 64 of byte strings. One hash is a chain of multiplications that a processor cannot overlap, so
// several strings are hashed side by side.
struct Bytes {
  const unsigned char* data;
  std::size_t size;
};
std::vector<std::uint64_t> fnv1a_all(const std::vector<Bytes>& strings);

}  // namespace workload
