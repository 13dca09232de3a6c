// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/quantizers.h"

namespace sme {
namespace {

constexpr unsigned kFewest = 5;

// The paper takes the bits of a layer (5 to 8) from a mixed-precision search that needs training data; here a
// layer gets the fewest bits whose relative RMS error stays within a limit [ours].
class MixedQuantizer final : public Quantizer {
 public:
  explicit MixedQuantizer(const QuantizerSettings& settings)
      : Quantizer(settings.per_channel), s_(settings.s), bits_(settings.bits), error_(settings.mixed_error) {}

  std::vector<unsigned> code_set(unsigned bits) const override { return windowed_codes(bits, s_); }

  unsigned bits(const WeightMatrix& matrix) const override {
    for (unsigned bits = std::min(kFewest, bits_); bits < bits_; ++bits)
      if (quantize(matrix, bits).rms_error <= error_) return bits;
    return bits_;
  }

 private:
  using Quantizer::quantize;
  unsigned s_, bits_;
  double error_;
};

}  // namespace

std::unique_ptr<Quantizer> make_mixed_quantizer(const QuantizerSettings& settings) {
  return std::make_unique<MixedQuantizer>(settings);
}

}  // namespace sme
