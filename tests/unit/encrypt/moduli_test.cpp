// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/moduli.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/multiprecision/miller_rabin.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/io/format.h"

namespace {

using boost::multiprecision::cpp_int;
using ::testing::HasSubstr;

cpp_int number(const std::string& big_endian) { return cpp_int("0x" + trace::hex(big_endian)); }

TEST(Moduli, factors_are_prime_and_products_have_the_stated_length) {
  for (const auto& f : workload::paillier_factors()) {
    const cpp_int p("0x" + std::string(f.p)), q("0x" + std::string(f.q));
    const unsigned rounds = f.bits > 4096 ? 3 : 10;
    EXPECT_TRUE(miller_rabin_test(p, rounds)) << f.bits;
    EXPECT_TRUE(miller_rabin_test(q, rounds)) << f.bits;
    EXPECT_NE(p, q);
    EXPECT_EQ(msb(p) + 1, f.bits / 4);
    EXPECT_EQ(msb(q) + 1, f.bits / 4);
    const cpp_int n = p * q;
    EXPECT_EQ(msb(n) + 1, f.bits / 2);
    EXPECT_EQ(msb(n * n) + 1, f.bits);  // N >= 2^(bits / 2 - 1/2)
    const workload::CryptoModulus m = workload::crypto_modulus("paillier" + std::to_string(f.bits));
    EXPECT_EQ(number(m.value), n * n);
    EXPECT_EQ(m.bits, f.bits);
    EXPECT_EQ(m.kind, "paillier");
    // Paillier needs gcd(N, (p - 1)(q - 1)) = 1.
    EXPECT_EQ(gcd(n, cpp_int((p - 1) * (q - 1))), 1);
  }
}

TEST(Moduli, fields_are_prime_and_of_known_length) {
  const workload::CryptoModulus bls = workload::crypto_modulus("bls12_381_r");
  EXPECT_EQ(bls.bits, 255u);
  EXPECT_TRUE(miller_rabin_test(number(bls.value), 25));
  // r = z^4 - z^2 + 1 of the curve's parameter z = -0xd201000000010000.
  const cpp_int z("0xd201000000010000");
  EXPECT_EQ(number(bls.value), z * z * z * z - z * z + 1);
  const workload::CryptoModulus bn = workload::crypto_modulus("bn254_r");
  EXPECT_EQ(bn.bits, 254u);
  EXPECT_TRUE(miller_rabin_test(number(bn.value), 25));
  // r = 36 x^4 + 36 x^3 + 18 x^2 + 6 x + 1 of x = 4965661367192848881.
  const cpp_int x("4965661367192848881");
  EXPECT_EQ(number(bn.value), 36 * x * x * x * x + 36 * x * x * x + 18 * x * x + 6 * x + 1);
}

TEST(Moduli, numbers_are_told_apart) {
  const cpp_int n = (cpp_int(1) << 127) - 1;  // a Mersenne prime of 127 bits
  const auto text = [](const cpp_int& value) {
    std::ostringstream out;
    out << std::hex << std::showbase << value;
    return out.str();
  };
  EXPECT_EQ(workload::crypto_modulus(text(n * n)).kind, "paillier");
  EXPECT_EQ(workload::crypto_modulus(text(n * n)).bits, 254u);
  // 2^255 - 19.
  EXPECT_EQ(
      workload::crypto_modulus("0X7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed").kind,
      "prime");
}

std::string refusal(const std::string& text) {
  try {
    workload::crypto_modulus(text);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::usage);
    return e.what();
  }
  return "";
}

TEST(Moduli, refusals) {
  EXPECT_THAT(refusal("paillier1024"),
              HasSubstr("there is no modulus 'paillier1024'; a modulus is one of paillier256, "
                        "paillier2048, paillier4096, paillier6144, paillier8192, "));
  EXPECT_THAT(refusal(""), HasSubstr("there is no modulus ''"));
  EXPECT_THAT(refusal("0x"), HasSubstr("has a digit that is not hexadecimal, or none"));
  EXPECT_THAT(refusal("0x12g4"), HasSubstr("not hexadecimal"));
  EXPECT_THAT(refusal("0xff"), HasSubstr("modulus of 8 bits is outside 128 to 8192"));
  EXPECT_THAT(refusal("0x" + std::string(100000, 'f')), HasSubstr("is too long"));
  EXPECT_THAT(refusal("0x" + std::string(64, 'f')), HasSubstr("neither an odd square (N^2) nor a prime"));
}

}  // namespace
