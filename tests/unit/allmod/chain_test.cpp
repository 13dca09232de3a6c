// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/chain.h"

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

// Runs a program with GMP, operation by operation.
std::vector<mpz_class> values_of(const ChainProgram& p) {
  std::vector<mpz_class> v;
  for (std::size_t i = 0; i < p.inputs(); ++i) v.push_back(p.input(i));
  for (const auto& op : p.operations()) v.push_back(v[op.a] * v[op.b] % p.modulus().value());
  return v;
}

void expect_right(const ChainProgram& p) {
  const std::vector<mpz_class> v = values_of(p);
  EXPECT_FALSE(p.outputs().empty());
  for (const auto& o : p.outputs()) EXPECT_EQ(v[o.value], o.expected);
}

TEST(Chain, PowersAreThoseOfGmp) {
  const Modulus m = Modulus::named("curve25519", 255);
  const ChainProgram p = power_chains(m, 5, 40, 3);
  expect_right(p);
  EXPECT_EQ(p.inputs(), 5u);
  EXPECT_GE(p.operations().size(), 5u * 39u);       // a square for each bit but the first
  EXPECT_LE(p.operations().size(), 5u * 2u * 39u);  // and at most a product
  EXPECT_GE(p.depth(), 39u);
}

TEST(Chain, EncryptedLayersShareTheirSquares) {
  const Modulus m = Modulus::named("rsa_like", 512, 4);
  const ChainProgram p = encrypted_layer(m, 6, 3, 4, 9);
  expect_right(p);
  EXPECT_EQ(p.outputs().size(), 3u);
  std::size_t squares = 0;
  for (const auto& op : p.operations()) squares += op.a == op.b ? 1 : 0;
  EXPECT_EQ(squares, 6u * 3u);  // c^2, c^4, c^8 of each input, whatever the number of outputs
}

TEST(Chain, ProductTreesAreShallow) {
  const ChainProgram p = product_tree(Modulus::named("goldilocks", 64), 8, 1);
  expect_right(p);
  EXPECT_EQ(p.operations().size(), 15u);
  EXPECT_EQ(p.depth(), 4u);
}

TEST(Chain, RefusesOperandsThatDoNotExist) {
  ChainProgram p(Modulus::named("goldilocks", 64));
  p.add_input(5);
  EXPECT_THROW(p.multiply(0, 1), sim::Error);
  EXPECT_EQ(p.multiply(0, 0), 1u);
  EXPECT_THROW(p.add_input(6), sim::Error);
}

}  // namespace
}  // namespace allmod
