// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/quantizers.h"

namespace sme {
namespace {

// Additive powers of two (Li, Dong, Wang, ICLR 2020): a code is a sum of n terms, term i being 0 or one of
// 2^-i, 2^-(i+n), 2^-(i+2n), ...; with 6 planes and 2 terms that is their 4-bit magnitude set. Here the terms
// go on to the last plane [ours].
class ApotQuantizer final : public Quantizer {
 public:
  explicit ApotQuantizer(const QuantizerSettings& settings)
      : Quantizer(settings.per_channel), terms_(settings.terms), bits_(settings.bits) {}

  std::vector<unsigned> code_set(unsigned bits) const override {
    std::vector<unsigned> codes{0};
    for (unsigned term = 0; term < terms_ && term < bits; ++term) {
      std::vector<unsigned> sums = codes;
      for (unsigned plane = term; plane < bits; plane += terms_)
        for (const unsigned code : codes) sums.push_back(code + (1u << (bits - 1 - plane)));
      codes = std::move(sums);
    }
    std::sort(codes.begin(), codes.end());
    return codes;
  }
  unsigned bits(const WeightMatrix&) const override { return bits_; }

 private:
  unsigned terms_, bits_;
};

}  // namespace

std::unique_ptr<Quantizer> make_apot_quantizer(const QuantizerSettings& settings) {
  return std::make_unique<ApotQuantizer>(settings);
}

}  // namespace sme
