// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <gmpxx.h>

#include "models/allmod/function/design.h"

namespace allmod {

// An n-bit modulus, 2^(n-1) <= M < 2^n. Immutable.
class Modulus {
 public:
  // Throws sim::Error(Exit::usage) when `value` has not exactly n bits: the message says both lengths.
  Modulus(const mpz_class& value, unsigned n, std::string name = "M");

  // From hexadecimal digits; "0x" in front, and '_' between digits, are allowed.
  static Modulus from_hex(const std::string& digits, unsigned n);

  // One of modulus_names(). `seed` matters to "random" and "rsa_like" only. Throws sim::Error(Exit::usage)
  // when the name is unknown, or fits another n only (the message names that n).
  static Modulus named(const std::string& name, unsigned n, std::uint64_t seed = 1);

  const std::string& name() const { return name_; }
  unsigned bits() const { return n_; }
  const mpz_class& value() const { return value_; }
  const std::vector<Limb>& limbs() const { return limbs_; }  // ceil(n / 64)
  std::string hex() const;                                   // without prefix

 private:
  std::string name_;
  unsigned n_;
  mpz_class value_;
  std::vector<Limb> limbs_;
};

// pow2 = 2^(n-1), pow2_plus1, all_ones = 2^n - 1 and random, rsa_like for every n (rsa_like: n >= 4);
// secp256k1 (256), goldilocks (64), curve448 (448), curve25519 (255), bls12_381_r (255), bls12_381_p (381).
const std::vector<std::string>& modulus_names();

// The n that a named modulus needs; 0 when it exists for every n (and for unknown names).
unsigned modulus_bits(const std::string& name);

// Conversions between limbs (least significant first) and GMP integers.
mpz_class to_mpz(const Limb* limbs, std::size_t count);
void to_limbs(const mpz_class& value, Limb* limbs, std::size_t count);  // value must fit

}  // namespace allmod
