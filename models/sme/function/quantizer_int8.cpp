// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/quantizers.h"

namespace sme {
namespace {

class IntegerQuantizer final : public Quantizer {
 public:
  explicit IntegerQuantizer(const QuantizerSettings& settings)
      : Quantizer(settings.per_channel), bits_(settings.bits) {}
  std::vector<unsigned> code_set(unsigned bits) const override { return windowed_codes(bits, bits); }
  unsigned bits(const WeightMatrix&) const override { return bits_; }

 protected:
  bool half_to_even() const override { return true; }

 private:
  unsigned bits_;
};

}  // namespace

std::unique_ptr<Quantizer> make_int8_quantizer(const QuantizerSettings& settings) {
  return std::make_unique<IntegerQuantizer>(settings);
}

}  // namespace sme
