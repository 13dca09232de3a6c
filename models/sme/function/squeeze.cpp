// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/squeeze.h"

namespace sme {

bool squeeze_pays(std::uint64_t squeezed_rows, std::uint64_t rows, unsigned weight_bits, unsigned input_bits,
                  unsigned degree) {
  const std::uint64_t others = rows - squeezed_rows;
  return ((input_bits + degree) * squeezed_rows + input_bits * others) * (weight_bits - degree) <=
         rows * weight_bits * input_bits;
}

}  // namespace sme
