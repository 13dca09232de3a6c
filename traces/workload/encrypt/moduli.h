// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/io/records.h"

namespace workload {

/// The modulus of an encrypted layer.
struct CryptoModulus {
  std::string name;    ///< "paillier2048"
  std::string kind;    ///< as in Modulus: "paillier" (value = N^2) or "prime"
  unsigned bits = 0;   ///< of value
  std::string value;   ///< big-endian, no leading zero byte
  std::string source;  ///< where the number comes from

  trace::Record record(std::uint32_t id) const;
};

/// paillier256 (for tests), paillier2048, paillier4096, paillier6144, paillier8192 (the bits are those of
/// N^2), bls12_381_r (255 bits), bn254_r (254 bits).
const std::vector<std::string>& crypto_modulus_names();

/// One of the names, or a number in hexadecimal with 0x in front: a square is taken for N^2, a prime for a
/// field. Throws sim::Error(Exit::usage) for an unknown name, digits that are none, a number outside 128 to
/// 8192 bits, and one that is neither a square nor prime.
CryptoModulus crypto_modulus(const std::string& name_or_hex);

/// The two factors of N of a named Paillier modulus, big-endian, for tests; they are public.
struct PaillierFactors {
  unsigned bits;  ///< of N^2
  const char* p;  ///< hexadecimal
  const char* q;
};
const std::vector<PaillierFactors>& paillier_factors();

}  // namespace workload
