// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/chain.h"

#include <algorithm>

#include "sim/core/error.h"

namespace allmod {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(gmp_randinit_default) {
    state_.seed(mpz_class(std::to_string(seed)));
  }
  mpz_class below(const mpz_class& limit) { return state_.get_z_range(limit); }
  // Exactly `bits` bits.
  mpz_class of_length(unsigned bits) {
    mpz_class v = state_.get_z_bits(bits);
    mpz_setbit(v.get_mpz_t(), bits - 1);
    return v;
  }

 private:
  gmp_randclass state_;
};

mpz_class power(const mpz_class& base, const mpz_class& exponent, const mpz_class& modulus) {
  mpz_class y;
  mpz_powm(y.get_mpz_t(), base.get_mpz_t(), exponent.get_mpz_t(), modulus.get_mpz_t());
  return y;
}

// Multiplies neighbours until one value is left.
std::uint32_t balanced(ChainProgram& program, std::vector<std::uint32_t> factors) {
  while (factors.size() > 1) {
    std::vector<std::uint32_t> next;
    for (std::size_t i = 0; i + 1 < factors.size(); i += 2) {
      next.push_back(program.multiply(factors[i], factors[i + 1]));
    }
    if (factors.size() % 2 == 1) next.push_back(factors.back());
    factors = std::move(next);
  }
  return factors.front();
}

}  // namespace

std::uint32_t ChainProgram::add_input(const mpz_class& value) {
  if (!operations_.empty() || value < 0 || value >= modulus_.value()) {
    throw sim::Error(sim::Exit::internal,
                     "chain program: inputs are residues and come before the operations");
  }
  inputs_.push_back(value);
  return static_cast<std::uint32_t>(inputs_.size() - 1);
}

std::uint32_t ChainProgram::multiply(std::uint32_t a, std::uint32_t b) {
  const auto id = static_cast<std::uint32_t>(inputs_.size() + operations_.size());
  if (a >= id || b >= id)
    throw sim::Error(sim::Exit::internal, "chain program: an operand does not exist yet");
  operations_.push_back({a, b});
  return id;
}

std::uint32_t ChainProgram::depth() const {
  std::vector<std::uint32_t> depth(inputs_.size() + operations_.size());
  std::uint32_t deepest = 0;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const std::uint32_t d = 1 + std::max(depth[operations_[i].a], depth[operations_[i].b]);
    depth[inputs_.size() + i] = d;
    deepest = std::max(deepest, d);
  }
  return deepest;
}

ChainProgram power_chains(const Modulus& modulus, unsigned chains, unsigned exponent_bits,
                          std::uint64_t seed) {
  Dice dice(seed);
  ChainProgram program(modulus);
  std::vector<mpz_class> bases;
  for (unsigned c = 0; c < chains; ++c) {
    bases.push_back(dice.below(modulus.value()));
    program.add_input(bases.back());
  }
  for (unsigned c = 0; c < chains; ++c) {
    const mpz_class exponent = dice.of_length(exponent_bits);
    std::uint32_t y = c;
    for (unsigned bit = exponent_bits - 1; bit-- > 0;) {
      y = program.multiply(y, y);
      if (mpz_tstbit(exponent.get_mpz_t(), bit) != 0) y = program.multiply(y, c);
    }
    program.add_output(y, power(bases[c], exponent, modulus.value()));
  }
  return program;
}

ChainProgram encrypted_layer(const Modulus& modulus, unsigned inputs, unsigned outputs, unsigned weight_bits,
                             std::uint64_t seed) {
  Dice dice(seed);
  ChainProgram program(modulus);
  std::vector<mpz_class> ciphertexts;
  for (unsigned i = 0; i < inputs; ++i) {
    ciphertexts.push_back(dice.below(modulus.value()));
    program.add_input(ciphertexts.back());
  }
  // powers[i][j] = c_i^(2^j)
  std::vector<std::vector<std::uint32_t>> powers(inputs);
  for (unsigned i = 0; i < inputs; ++i) powers[i].push_back(i);
  for (unsigned j = 1; j < weight_bits; ++j) {
    for (auto& p : powers) p.push_back(program.multiply(p.back(), p.back()));
  }
  const mpz_class limit = (mpz_class(1) << weight_bits) - 1;
  for (unsigned o = 0; o < outputs; ++o) {
    std::vector<std::uint32_t> factors;
    mpz_class expected = 1;
    for (unsigned i = 0; i < inputs; ++i) {
      const mpz_class weight = dice.below(limit) + 1;
      for (unsigned j = 0; j < weight_bits; ++j) {
        if (mpz_tstbit(weight.get_mpz_t(), j) != 0) factors.push_back(powers[i][j]);
      }
      expected = expected * power(ciphertexts[i], weight, modulus.value()) % modulus.value();
    }
    program.add_output(balanced(program, std::move(factors)), expected);
  }
  return program;
}

ChainProgram product_tree(const Modulus& modulus, unsigned products, std::uint64_t seed) {
  Dice dice(seed);
  ChainProgram program(modulus);
  mpz_class expected = 1;
  for (unsigned i = 0; i < 2 * products; ++i) {
    const mpz_class value = dice.below(modulus.value());
    program.add_input(value);
    expected = expected * value % modulus.value();
  }
  std::vector<std::uint32_t> factors;
  for (std::uint32_t i = 0; i < 2 * products; i += 2) factors.push_back(program.multiply(i, i + 1));
  program.add_output(balanced(program, std::move(factors)), expected);
  return program;
}

}  // namespace allmod
