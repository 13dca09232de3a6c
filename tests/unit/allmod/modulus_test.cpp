// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/modulus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

using testing::HasSubstr;

mpz_class power(unsigned bits) { return mpz_class(1) << bits; }

template <class F>
std::string refusal_of(F&& action) {
  try {
    action();
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::usage);
    return error.what();
  }
  return "no error";
}

TEST(Modulus, NamedOnesAreTheirFormulas) {
  EXPECT_EQ(Modulus::named("pow2", 64).value(), power(63));
  EXPECT_EQ(Modulus::named("pow2_plus1", 65).value(), mpz_class(power(64) + 1));
  EXPECT_EQ(Modulus::named("all_ones", 100).value(), mpz_class(power(100) - 1));
  EXPECT_EQ(Modulus::named("goldilocks", 64).value(), mpz_class(power(64) - power(32) + 1));
  EXPECT_EQ(Modulus::named("secp256k1", 256).value(), mpz_class(power(256) - power(32) - 977));
  EXPECT_EQ(Modulus::named("curve25519", 255).value(), mpz_class(power(255) - 19));
  EXPECT_EQ(Modulus::named("curve448", 448).value(), mpz_class(power(448) - power(224) - 1));
  const mpz_class x = -mpz_class("d201000000010000", 16);  // the BLS12-381 family's parameter
  const mpz_class r = x * x * x * x - x * x + 1;
  EXPECT_EQ(Modulus::named("bls12_381_r", 255).value(), r);
  EXPECT_EQ(Modulus::named("bls12_381_p", 381).value(), mpz_class((x - 1) * (x - 1) * r / 3 + x));
}

TEST(Modulus, EveryNameHasExactlyNBits) {
  for (const std::string& name : modulus_names())
    for (unsigned n : {4u, 5u, 64u, 127u, 1024u}) {
      const unsigned bits = modulus_bits(name) == 0 ? n : modulus_bits(name);
      const Modulus m = Modulus::named(name, bits, n);
      EXPECT_EQ(mpz_sizeinbase(m.value().get_mpz_t(), 2), bits) << name;
      EXPECT_EQ(to_mpz(m.limbs().data(), m.limbs().size()), m.value());
    }
}

TEST(Modulus, SeedDecidesRandomOnes) {
  for (const char* name : {"random", "rsa_like"}) {
    EXPECT_EQ(Modulus::named(name, 256, 5).value(), Modulus::named(name, 256, 5).value());
    EXPECT_NE(Modulus::named(name, 256, 5).value(), Modulus::named(name, 256, 6).value());
  }
}

TEST(Modulus, HexIsReadAndWritten) {
  EXPECT_EQ(Modulus::from_hex("0xFFFF_FFFF_0000_0001", 64).hex(), "ffffffff00000001");
  EXPECT_EQ(Modulus::from_hex("1F", 5).value(), mpz_class(31));
}

TEST(Modulus, WrongLengthsNameBoth) {
  EXPECT_THAT(refusal_of([] { Modulus::from_hex("ff", 9); }),
              HasSubstr("has 8 bits, the design wants exactly n = 9"));
  EXPECT_THAT(refusal_of([] { Modulus(mpz_class(0), 4); }), HasSubstr("has 0 bits"));
  EXPECT_THAT(refusal_of([] { Modulus::named("secp256k1", 128); }), HasSubstr("set n to 256"));
  EXPECT_THAT(refusal_of([] { Modulus::named("curve448", 0); }), HasSubstr("set n to 448"));
  EXPECT_THAT(refusal_of([] { Modulus::named("random", 0); }), HasSubstr("outside [2, 8192]"));
  EXPECT_THAT(refusal_of([] { Modulus::named("rsa_like", 3); }), HasSubstr("set n to 4 or more"));
}

TEST(Modulus, UnknownNamesAndDigitsAreRefused) {
  EXPECT_THAT(refusal_of([] { Modulus::named("secp", 256); }), HasSubstr("use one of pow2, pow2_plus1"));
  EXPECT_THAT(refusal_of([] { Modulus::from_hex("12g4", 13); }), HasSubstr("'g' at position 3"));
  EXPECT_THAT(refusal_of([] { Modulus::from_hex("0x", 13); }), HasSubstr("no digits"));
}

}  // namespace
}  // namespace allmod
