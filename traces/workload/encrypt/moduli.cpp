// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/moduli.h"

#include <iterator>

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/multiprecision/miller_rabin.hpp>

#include "sim/core/error.h"

namespace workload {
namespace {

using boost::multiprecision::cpp_int;

constexpr unsigned kLeastBits = 128, kMostBits = 8192;

// The order of the group of BLS12-381 (draft-irtf-cfrg-pairing-friendly-curves, 4.2.1) and of the curve that
// Ethereum calls alt_bn128 (EIP-196).
constexpr const char* kBls12381 = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
constexpr const char* kBn254 = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

cpp_int from_hex(const std::string& digits) { return cpp_int("0x" + digits); }

std::string to_bytes(const cpp_int& value) {
  std::string bytes;
  boost::multiprecision::export_bits(value, std::back_inserter(bytes), 8);
  return bytes;
}

CryptoModulus make(const std::string& name, const std::string& kind, const cpp_int& value,
                   const std::string& source) {
  return {name, kind, static_cast<unsigned>(msb(value)) + 1, to_bytes(value), source};
}

[[noreturn]] void refuse(const std::string& text) {
  std::string names;
  for (const std::string& name : crypto_modulus_names()) names += (names.empty() ? "" : ", ") + name;
  throw sim::Error(sim::Exit::usage,
                   text + "; a modulus is one of " + names +
                       ", or a number in hexadecimal with 0x in front: N^2 of Paillier or a prime");
}

CryptoModulus from_digits(const std::string& text) {
  const std::string digits = text.substr(2);
  if (digits.empty() || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    refuse("modulus '" + text + "' has a digit that is not hexadecimal, or none");
  }
  if (digits.size() > kMostBits)
    refuse("modulus of " + std::to_string(digits.size()) + " digits is too long");
  const cpp_int value = from_hex(digits);
  const unsigned bits = value == 0 ? 0 : static_cast<unsigned>(msb(value)) + 1;
  if (bits < kLeastBits || bits > kMostBits) {
    refuse("modulus of " + std::to_string(bits) + " bits is outside " + std::to_string(kLeastBits) + " to " +
           std::to_string(kMostBits));
  }
  const cpp_int root = sqrt(value);
  if (root * root == value && bit_test(value, 0)) return make("hex", "paillier", value, "given as a number");
  if (miller_rabin_test(value, 25)) return make("hex", "prime", value, "given as a number");
  refuse("modulus " + text.substr(0, 20) + (text.size() > 20 ? "..." : "") +
         " is neither an odd square (N^2) nor a prime");
}

}  // namespace

const std::vector<PaillierFactors>& paillier_factors() {
  // Printed by scripts/make_moduli.py, which says how they come about.
  static const std::vector<PaillierFactors> kFactors = {
      {256, "f05fc20dcf9c6c17", "ece25d5919eecb6b"},
      {2048,
       "e9412ed60f60618f94f89b3b293c9ac9013e8dde2d4c6e56c88546d50109a5088e44709720c140109fea5c79f9c15036"
       "5340ee37fc2770add0c9a0d8df90c859",
       "f6ab027295555deb1fc7ff2c1987264e7447bc0d912e951479e6a211a72be54986cde7fa419a27bc2405a56209fabe79"
       "cec8107c45ee9dd281fbe8e39b1bceef"},
      {4096,
       "eda15468e2603d606ff11e89449afc6c17fddf9fecb59caf03298e75a491fe8b579a0ddc7a37a8f1de0036864d3a2a6c"
       "aa0bc49e2ec935044700633262fbc40e0318a54429dd446da67079151d3b46627d6a85c250f8c3a79dc1d50663c00022"
       "07fb2a26b2c3788c472451eabecfb7f60d313133863ce640c09af07c6a1036d7",
       "e439782d58590d29280a4a794adadfcb5970d22bf05a175689cd6083d8b6f752149c23c96ba0d9e0f6b133d8ec985405"
       "724385c7bb6725ddbc97c028d6d828f2bba1b4c2fa3c2e10761b382d3fe0e644622f0b2870b01332e0198a1fff5a887f"
       "448d8e22e979cbe3af54547eb4c70c168f301d169215f42cac27ca09a8ae1fd3"},
      {6144,
       "e2e46b1ad541dc1d731e1ef04ea372ed1678df60ccadc1398145f163d1dc4f443af8e8da0cb311a7e694ec72e1be6656"
       "8d430beb29d80ab14df953f8630399559b2df080f976f9bb615dedd998f0ceca648d1b7dde26d9a87abd4a2d4dd643ff"
       "8225f9af9763aeb25cabdf6e29cccd382d58d1215d7a4dd6db76e9fbbed0c48770829d47389f8d16d4e45b0bae59f16d"
       "cae8e9793e133955a0fc357f5d9d7b8255f0b2ad758343201fb4eaccb8ad36fe81941dd8f73058cd9ec0a873ec62b27d",
       "e636d8353b5cfbb4c3ca725d0bc816397dc8cca94c7e8c07497fb0600413c6fa264346eae430f5c132e1944b3a7a6608"
       "01c4e95da74a23122a8221587bc6d07bf9b1401dd0df1d727d2db4d5d05070d51bfd8339d9fc4a48ac9b59fcd95bb718"
       "7b1d676e87998565923744102e83f818c5b9d85839e9992714c4e17e74b7aadeee194037ee6227c117daa6712ac0a4af"
       "541ec344996e573fb6b759d098371263977cbccdacf4553e452704ab40296d5dcb86eb9bf81195b31279e80130501f5d"},
      {8192,
       "d9dcbd40165a752a94981c3b545bf93bc92a8dbda74a26c646c379f2baa1f42f483985871f6d8830f04d16dacf066775"
       "c755e6696b48d979e85d5fe0c089a894237eaa669f285371821ef73eeb0b4b60579bb6fefd970449d6a4698b6bccc89e"
       "7f4665ba92ea97883726d87d54ebb177770307c7b21c1be68a771251b73d13615e66bf0e9c85441181ce05e5d58e9b83"
       "a07e00555e53221098b7274a3dedbfa8986d61c26799d5608708aea3b50415c1edc7fd974d4e958340b2e42ad1d141e7"
       "136c722ce67c900cce407d321bdd2254d54c39bfeb60028b2d50121485e90d4ef62d786f9f2df8a39b8d2d7598bfdc4f"
       "9498dc0a099250b43c403ee375724593",
       "e9114d29fb662dfbf2b9af74af83818f2ee30204942408e5cf4a56421ae62ad7c980f8244e97878777eb7059f95cc7be"
       "5cb3f9292ef1d31faf5fc8c1c027d5394ef54265ace400da53d861fed522b82d344663906fcd2179e4822ef646e66fcb"
       "32ec5cc3b6535756be3373cd7099d9d40c40c1d51dd28a78b5d3e3016e2b33e8459d38afb64a7f8ac2ae14cccd3c18b6"
       "32f04512621b98213bf8d0c5e1567f4b74ade80ef235f61c8449d4ef363092d671fea4d1b326b7d970619428da94704f"
       "7cd359817ef5dade690c0d29d2aaf2edf31f1f88dbe8094c82bdadc3ad089ffe04f6894a474d0e76459256b8edcd2da7"
       "4bfed592b3760f6fedc33224de50fa55"}};
  return kFactors;
}

const std::vector<std::string>& crypto_modulus_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const PaillierFactors& f : paillier_factors()) names.push_back("paillier" + std::to_string(f.bits));
    names.push_back("bls12_381_r");
    names.push_back("bn254_r");
    return names;
  }();
  return kNames;
}

CryptoModulus crypto_modulus(const std::string& name_or_hex) {
  const std::string& name = name_or_hex;
  if (name.compare(0, 2, "0x") == 0 || name.compare(0, 2, "0X") == 0) return from_digits(name);
  if (name == "bls12_381_r") return make(name, "prime", from_hex(kBls12381), "order r of BLS12-381's groups");
  if (name == "bn254_r")
    return make(name, "prime", from_hex(kBn254), "order r of alt_bn128 (BN254), EIP-196");
  for (const PaillierFactors& f : paillier_factors()) {
    if (name != "paillier" + std::to_string(f.bits)) continue;
    const cpp_int n = from_hex(f.p) * from_hex(f.q);
    return make(name, "paillier", n * n,
                "scripts/make_moduli.py, N of " + std::to_string(f.bits / 2) + " bits");
  }
  refuse("there is no modulus '" + name + "'");
}

trace::Record CryptoModulus::record(std::uint32_t id) const {
  trace::Record record;
  trace::Modulus& modulus = *record.mutable_modulus();
  modulus.set_id(id);
  modulus.set_kind(kind);
  modulus.set_bits(bits);
  modulus.set_value(value);
  modulus.set_source(name == "hex" ? source : name + ": " + source);
  return record;
}

}  // namespace workload
