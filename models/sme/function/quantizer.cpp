// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/quantizer.h"

#include <algorithm>
#include <cmath>

#include "models/sme/function/quantizers.h"
#include "sim/core/error.h"

namespace sme {
namespace {

float magnitude(float w) { return std::fabs(w); }

// Largest magnitude of every output, or of all.
std::vector<float> largest(const WeightMatrix& matrix, bool per_channel) {
  std::vector<float> most(per_channel ? matrix.outputs : 1, 0.0F);
  const std::size_t cols = matrix.outputs;
  for (std::size_t row = 0; row < matrix.inputs; ++row) {
    const float* w = matrix.values.data() + row * cols;
    if (per_channel) {
      for (std::size_t col = 0; col < cols; ++col) most[col] = std::max(most[col], magnitude(w[col]));
    } else {
      float m = most[0];
      for (std::size_t col = 0; col < cols; ++col) m = std::max(m, magnitude(w[col]));
      most[0] = m;
    }
  }
  return most;
}

// nearest[k]: the code nearest to every x with k - 1 < 2x <= k. Midpoints of integer codes are halves, so
// that "not above the midpoint" (ties to the smaller) is a comparison of k.
std::vector<std::int16_t> nearest_by_halves(const std::vector<unsigned>& set) {
  std::vector<std::int16_t> nearest(2 * set.back() + 1);
  std::size_t i = 0;
  for (std::size_t k = 0; k < nearest.size(); ++k) {
    while (i + 1 < set.size() && k > set[i] + set[i + 1]) ++i;
    nearest[k] = static_cast<std::int16_t>(set[i]);
  }
  return nearest;
}

}  // namespace

const char* name(QuantizerKind kind) {
  switch (kind) {
    case QuantizerKind::int8:
      return "int8";
    case QuantizerKind::po2:
      return "po2";
    case QuantizerKind::apot:
      return "apot";
    case QuantizerKind::mixed:
      return "mixed";
    case QuantizerKind::sme:
      break;
  }
  return "sme";
}

unsigned nearest_code(const std::vector<unsigned>& set, double x) {
  std::size_t i = 0;
  while (i + 1 < set.size() && 2 * x > set[i] + set[i + 1]) ++i;
  return set[i];
}

CodedMatrix Quantizer::quantize(const WeightMatrix& matrix) const { return quantize(matrix, bits(matrix)); }

CodedMatrix Quantizer::quantize(const WeightMatrix& matrix, unsigned bits) const {
  const std::vector<unsigned> set = code_set(bits);
  const std::vector<std::int16_t> nearest = nearest_by_halves(set);
  const std::vector<float> most = largest(matrix, per_channel_);
  CodedMatrix coded;
  coded.name = matrix.name;
  coded.inputs = matrix.inputs;
  coded.outputs = matrix.outputs;
  coded.kind = matrix.kind;
  coded.positions = matrix.positions;
  coded.planes = bits;
  coded.codes.resize(matrix.values.size());
  for (const float m : most) coded.scales.push_back(m / static_cast<float>(set.back()));

  // 2x = |w| * 2 * largest code / max |w|. The product of a float and 9 bits is exact in double, and a
  // quotient of such numbers that is not a whole number is farther from one than a rounding: ties are seen
  // exactly.
  const double twice = 2.0 * set.back();
  double error = 0, power = 0;
  const std::size_t cols = matrix.outputs;
  for (std::size_t row = 0; row < matrix.inputs; ++row) {
    const float* w = matrix.values.data() + row * cols;
    std::int16_t* code = coded.codes.data() + row * cols;
    for (std::size_t col = 0; col < cols; ++col) {
      const double max = most[per_channel_ ? col : 0];
      const double value = w[col];
      std::int16_t c = 0;
      if (max > 0) {
        const double x2 = std::fabs(value) * twice / max;
        if (half_to_even()) {
          c = static_cast<std::int16_t>(x2 / 2 + 0x1p52 - 0x1p52);
        } else {
          std::size_t k = static_cast<std::size_t>(x2);
          k += static_cast<double>(k) < x2 ? 1 : 0;
          c = nearest[k];
        }
      }
      code[col] = static_cast<std::int16_t>(value < 0 ? -c : c);
      const double off = code[col] * static_cast<double>(coded.scales[per_channel_ ? col : 0]) - value;
      error += off * off;
      power += value * value;
    }
  }
  coded.rms_error = power > 0 ? std::sqrt(error / power) : 0;
  return coded;
}

std::unique_ptr<Quantizer> make_quantizer(const QuantizerSettings& settings) {
  const auto range = [](const char* key, unsigned value, unsigned low, unsigned high) {
    if (value < low || value > high)
      throw sim::Error(sim::Exit::usage, std::string("quantizer.") + key + ": " + std::to_string(value) +
                                             " is outside [" + std::to_string(low) + ", " +
                                             std::to_string(high) + "]");
  };
  range("bits", settings.bits, 1, kMaxMagnitudeBits);
  range("s", settings.s, 1, kMaxMagnitudeBits);
  range("terms", settings.terms, 1, 4);
  switch (settings.kind) {
    case QuantizerKind::int8:
      return make_int8_quantizer(settings);
    case QuantizerKind::apot:
      return make_apot_quantizer(settings);
    case QuantizerKind::mixed:
      return make_mixed_quantizer(settings);
    case QuantizerKind::po2: {
      QuantizerSettings one = settings;
      one.s = 1;
      return make_sme_quantizer(one);
    }
    case QuantizerKind::sme:
      break;
  }
  return make_sme_quantizer(settings);
}

}  // namespace sme
