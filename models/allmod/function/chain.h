// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gmpxx.h>

#include "models/allmod/function/modulus.h"

namespace allmod {

// A program of modular multiplications: straight-line code over residues below M. Values 0 .. inputs() - 1
// are given, value inputs() + i is the result of operation i, which may use every value before it. What
// depends on what is all that a scheduler sees.
class ChainProgram {
 public:
  struct Operation {
    std::uint32_t a, b;  // values to be multiplied
  };
  // A value whose worth is known from elsewhere (mpz_powm), to check the program as a whole.
  struct Output {
    std::uint32_t value;
    mpz_class expected;
  };

  explicit ChainProgram(const Modulus& modulus) : modulus_(modulus) {}

  std::uint32_t add_input(const mpz_class& value);  // before the first operation; 0 <= value < M
  std::uint32_t multiply(std::uint32_t a, std::uint32_t b);
  void add_output(std::uint32_t value, const mpz_class& expected) { outputs_.push_back({value, expected}); }

  const Modulus& modulus() const { return modulus_; }
  std::size_t inputs() const { return inputs_.size(); }
  const mpz_class& input(std::size_t i) const { return inputs_[i]; }
  const std::vector<Operation>& operations() const { return operations_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  // Operations on the longest path: no schedule needs fewer multiplications one after the other.
  std::uint32_t depth() const;

 private:
  Modulus modulus_;
  std::vector<mpz_class> inputs_;
  std::vector<Operation> operations_;
  std::vector<Output> outputs_;
};

// `chains` independent powers b^x mod M by left-to-right square and multiply, b and x random (x of exactly
// `exponent_bits` bits, >= 2). Checked against mpz_powm.
ChainProgram power_chains(const Modulus& modulus, unsigned chains, unsigned exponent_bits,
                          std::uint64_t seed);

// An encrypted linear layer (Paillier): `outputs` products y_o = prod_i c_i^(w_io) mod M over `inputs` random
// ciphertexts with random weights of `weight_bits` bits (unsigned, not 0). The squarings c_i^(2^j) are shared
// by all outputs; the factors of an output are multiplied as a balanced tree.
ChainProgram encrypted_layer(const Modulus& modulus, unsigned inputs, unsigned outputs, unsigned weight_bits,
                             std::uint64_t seed);

// Field arithmetic without long chains: `products` independent products of two random values each, multiplied
// together as a balanced tree.
ChainProgram product_tree(const Modulus& modulus, unsigned products, std::uint64_t seed);

}  // namespace allmod
