// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

namespace sme {

constexpr unsigned kMaxCrossbarSide = 512;

// How signs are kept.
enum class SignMode {
  magnitude,  // one set of planes whose cells hold -1, 0 or +1; a column's ADC converts the magnitude of its
              // net current and a comparator its sign. The paper's crossbar counts are those of this mode.
  differential,  // a positive and a negative set of planes, each with its own ADC
  offset,  // one set of planes that holds code + 2^planes (one plane more); the sum of the inputs comes off
};
const char* name(SignMode mode);

struct CrossbarShape {
  unsigned rows = 128;     // inputs, 1..512
  unsigned cols = 128;     // bit columns, 1..512
  unsigned cell_bits = 1;  // 1: SLC; 2: MLC, a cell holds two neighbouring planes (1 and 2, 3 and 4, ...)
};

// Bits that an ADC needs so that a column's sum is never clipped.
unsigned exact_adc_bits(const CrossbarShape& shape);

}  // namespace sme
