// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

namespace sme {

constexpr unsigned kMaxSqueeze = 3;

// Squeeze-out. In step j = 1 .. D every row of a tile with a one in plane j moves one plane down and its
// input is doubled; what was in the last plane is dropped. A row whose first one is in plane `leading` (1 =
// most significant) thus moves at steps leading .. D.
//
// The shift s_r of a row: the stored number becomes floor(w / 2^s), the input a * 2^s. 0 for leading > D.
inline unsigned row_shift(unsigned leading, unsigned degree) {
  return leading <= degree ? degree + 1 - leading : 0;
}

// Bits a row of the row conversion mask register: ceil(log2(D + 1)).
inline unsigned rcmr_bits_per_row(unsigned degree) { return degree == 0 ? 0 : degree == 1 ? 1 : 2; }

// Whether squeezing by D pays in time and crossbars together: A squeezed rows of a K-row crossbar, Mw weight
// bits and Ma input bits, ((Ma + D) A + Ma (K - A)) (Mw - D) <= K Mw Ma (the paper's Eq. 3, mended).
bool squeeze_pays(std::uint64_t squeezed_rows, std::uint64_t rows, unsigned weight_bits, unsigned input_bits,
                  unsigned degree);

}  // namespace sme
