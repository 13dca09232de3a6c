// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/modulus.h"

#include <algorithm>
#include <memory>

#include "models/allmod/function/bounds.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

struct Fixed {
  const char* name;
  unsigned n;
  const char* hex;
};

constexpr Fixed kFixed[] = {
    {"secp256k1", 256, "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"},
    {"goldilocks", 64, "ffffffff00000001"},
    {"curve448", 448,
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    {"curve25519", 255, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"},
    {"bls12_381_r", 255, "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"},
    {"bls12_381_p", 381,
     "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
     "1eabfffeb153ffffb9feffffffffaaab"},
};

[[noreturn]] void refuse(const std::string& message) { throw sim::Error(sim::Exit::usage, message); }

// Exactly `bits` bits, the top one set (and, for factors, the second: a product then has full length).
mpz_class random_bits(gmp_randclass& source, unsigned bits, bool factor) {
  mpz_class value = source.get_z_bits(bits);
  mpz_setbit(value.get_mpz_t(), bits - 1);
  if (factor) {
    mpz_setbit(value.get_mpz_t(), bits - 2);
    mpz_setbit(value.get_mpz_t(), 0);
  }
  return value;
}

}  // namespace

Modulus::Modulus(const mpz_class& value, unsigned n, std::string name)
    : name_(std::move(name)), n_(n), value_(value), limbs_(limbs_for(n)) {
  const unsigned found = value <= 0 ? 0 : bounds::bit_length(value);
  if (found != n)
    refuse("modulus " + name_ + " has " + std::to_string(found) + " bits, the design wants exactly n = " +
           std::to_string(n) + "; give a modulus of that length or set n to " + std::to_string(found));
  to_limbs(value_, limbs_.data(), limbs_.size());
}

Modulus Modulus::from_hex(const std::string& digits, unsigned n) {
  const std::size_t start = digits.compare(0, 2, "0x") == 0 || digits.compare(0, 2, "0X") == 0 ? 2 : 0;
  std::string plain;
  for (std::size_t i = start; i < digits.size(); ++i) {
    if (digits[i] == '_') continue;
    if (std::string("0123456789abcdefABCDEF").find(digits[i]) == std::string::npos)
      refuse("modulus: '" + std::string(1, digits[i]) + "' at position " + std::to_string(i + 1) +
             " is no hexadecimal digit; write the modulus in hexadecimal, like 0xffffffff00000001");
    plain += digits[i];
  }
  if (plain.empty()) refuse("modulus: no digits; write the modulus in hexadecimal, like 0xffffffff00000001");
  return Modulus(mpz_class(plain, 16), n, "hex");
}

Modulus Modulus::named(const std::string& name, unsigned n, std::uint64_t seed) {
  const auto& names = modulus_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    std::string known;
    for (const std::string& k : names) known += (known.empty() ? "" : ", ") + k;
    refuse("modulus '" + name + "' is unknown; use one of " + known + ", or give it in hexadecimal");
  }
  for (const Fixed& fixed : kFixed) {
    if (name != fixed.name) continue;
    if (n != fixed.n)
      refuse("modulus " + name + " has " + std::to_string(fixed.n) + " bits, not n = " + std::to_string(n) +
             "; set n to " + std::to_string(fixed.n) + " or choose another modulus");
    return Modulus(mpz_class(fixed.hex, 16), n, name);
  }
  if (n < kMinBits || n > kMaxBits)
    refuse("modulus " + name + ": n = " + std::to_string(n) + " is outside [" + std::to_string(kMinBits) +
           ", " + std::to_string(kMaxBits) + "]");
  if (name == "pow2") return Modulus(mpz_class(1) << (n - 1), n, name);
  if (name == "pow2_plus1") return Modulus((mpz_class(1) << (n - 1)) + 1, n, name);
  if (name == "all_ones") return Modulus((mpz_class(1) << n) - 1, n, name);

  gmp_randclass source(gmp_randinit_mt);
  source.seed(mpz_class(static_cast<unsigned long>(seed)));
  if (name == "random") return Modulus(random_bits(source, n, false), n, name);
  if (n < 4)
    refuse("modulus rsa_like: no product of two odd numbers has n = " + std::to_string(n) +
           " bits; set n to 4 or more");
  const mpz_class a = random_bits(source, n - n / 2, true), b = random_bits(source, n / 2, true);
  return Modulus(a * b, n, name);
}

std::string Modulus::hex() const {
  std::vector<char> text(mpz_sizeinbase(value_.get_mpz_t(), 16) + 2);
  return mpz_get_str(text.data(), 16, value_.get_mpz_t());
}

const std::vector<std::string>& modulus_names() {
  static const std::vector<std::string> names = {"pow2",       "pow2_plus1",  "all_ones",   "random",
                                                 "rsa_like",   "secp256k1",   "goldilocks", "curve448",
                                                 "curve25519", "bls12_381_r", "bls12_381_p"};
  return names;
}

unsigned modulus_bits(const std::string& name) {
  for (const Fixed& fixed : kFixed)
    if (name == fixed.name) return fixed.n;
  return 0;
}

mpz_class to_mpz(const Limb* limbs, std::size_t count) {
  mpz_class value;
  mpz_import(value.get_mpz_t(), count, -1, sizeof(Limb), 0, 0, limbs);
  return value;
}

void to_limbs(const mpz_class& value, Limb* limbs, std::size_t count) {
  std::fill(limbs, limbs + count, Limb{0});
  mpz_export(limbs, nullptr, -1, sizeof(Limb), 0, 0, value.get_mpz_t());
}

}  // namespace allmod
