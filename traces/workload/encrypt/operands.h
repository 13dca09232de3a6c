// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>

namespace workload {

/// Numbers below a modulus, the same for the same seed everywhere: SplitMix64 words, big-endian, cut to the
/// length of the modulus; a number that is 0 or not below it is drawn anew.
class OperandStream {
 public:
  OperandStream(std::string modulus, unsigned bits, std::uint64_t seed);

  /// The next one, ceil(bits / 8) bytes, big-endian.
  std::string next();

 private:
  std::string modulus_;
  unsigned bits_;
  std::uint64_t state_;
};

}  // namespace workload
