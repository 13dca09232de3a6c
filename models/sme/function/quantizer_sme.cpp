// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/quantizers.h"

namespace sme {
namespace {

class SmeQuantizer final : public Quantizer {
 public:
  explicit SmeQuantizer(const QuantizerSettings& settings)
      : Quantizer(settings.per_channel), s_(settings.s), bits_(settings.bits) {}
  std::vector<unsigned> code_set(unsigned bits) const override { return windowed_codes(bits, s_); }
  unsigned bits(const WeightMatrix&) const override { return bits_; }

 private:
  unsigned s_, bits_;
};

}  // namespace

std::vector<unsigned> windowed_codes(unsigned bits, unsigned s) {
  std::vector<unsigned> codes;
  for (unsigned code = 0; code < 1u << bits; ++code) {
    unsigned odd = code;
    while (odd != 0 && odd % 2 == 0) odd /= 2;
    if (odd >> s == 0) codes.push_back(code);
  }
  return codes;
}

std::unique_ptr<Quantizer> make_sme_quantizer(const QuantizerSettings& settings) {
  return std::make_unique<SmeQuantizer>(settings);
}

}  // namespace sme
