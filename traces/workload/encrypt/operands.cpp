// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/operands.h"

#include <utility>

namespace workload {
namespace {

// Steele, Lea and Flood: Fast splittable pseudorandom number generators (2014).
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

OperandStream::OperandStream(std::string modulus, unsigned bits, std::uint64_t seed)
    : modulus_(std::move(modulus)), bits_(bits), state_(seed) {}

std::string OperandStream::next() {
  const std::size_t size = modulus_.size();
  for (;;) {
    std::string bytes;
    while (bytes.size() < size) {
      const std::uint64_t word = split_mix(state_);
      for (int shift = 56; shift >= 0 && bytes.size() < size; shift -= 8) {
        bytes += static_cast<char>(word >> shift & 255);
      }
    }
    if (bits_ % 8 != 0) bytes[0] = static_cast<char>(bytes[0] & ((1 << bits_ % 8) - 1));
    // Big-endian numbers of one length compare like texts.
    if (bytes < modulus_ && bytes.find_first_not_of('\0') != std::string::npos) return bytes;
  }
}

}  // namespace workload
