// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/sme/function/matrix.h"

namespace sme {

// How weights become codes.
enum class QuantizerKind {
  sme,    // ones only in `s` consecutive bits from the leading one on (the paper's)
  int8,   // every code of `bits` bits: plain integers, max |w| = 2^bits - 1
  po2,    // powers of two: the codes of sme with s = 1
  apot,   // additive powers of two: `terms` powers, one out of every residue class of planes
  mixed,  // sme with 5 to 8 bits a matrix: the fewest whose error is within `mixed_error`
};
const char* name(QuantizerKind kind);

struct QuantizerSettings {
  QuantizerKind kind = QuantizerKind::sme;
  unsigned s = 3;            // 1..8
  unsigned bits = 8;         // 1..8; planes of the result (mixed: at most)
  unsigned terms = 2;        // of apot, 1..4
  double mixed_error = 0.1;  // relative RMS error that a matrix may have (mixed) [assumed]
  bool per_channel = false;  // one scale an output instead of one a matrix
};

// A choice of codes. Magnitudes are scaled so that max |w| (of the tensor, or of the output) becomes the
// largest code; each takes the nearest code, ties go to the smaller one (int8: to the even one, as integers
// are rounded). Results depend on the weights only.
class Quantizer {
 public:
  virtual ~Quantizer() = default;
  // The codes of `bits` bits that a weight may take, ascending, 0 first.
  virtual std::vector<unsigned> code_set(unsigned bits) const = 0;
  // Planes for this matrix.
  virtual unsigned bits(const WeightMatrix& matrix) const = 0;
  CodedMatrix quantize(const WeightMatrix& matrix) const;

 protected:
  virtual bool half_to_even() const {
    return false;
  }  // ties of neighbouring integers; every code must be there
  explicit Quantizer(bool per_channel) : per_channel_(per_channel) {}
  CodedMatrix quantize(const WeightMatrix& matrix, unsigned bits) const;

 private:
  bool per_channel_;
};

// Throws sim::Error (usage) for numbers out of range.
std::unique_ptr<Quantizer> make_quantizer(const QuantizerSettings& settings);

// The nearest code of a set (ascending, 0 first) to x >= 0; ties to the smaller. For tests and tables.
unsigned nearest_code(const std::vector<unsigned>& set, double x);

}  // namespace sme
