// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/crossbar.h"

namespace sme {

const char* name(SignMode mode) {
  switch (mode) {
    case SignMode::magnitude:
      return "magnitude";
    case SignMode::offset:
      return "offset";
    case SignMode::differential:
      break;
  }
  return "differential";
}

unsigned exact_adc_bits(const CrossbarShape& shape) {
  const unsigned most = shape.rows * ((1u << shape.cell_bits) - 1);
  unsigned bits = 1;
  while ((1u << bits) - 1 < most) ++bits;
  return bits;
}

}  // namespace sme
