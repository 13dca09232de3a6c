// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/io/records.h"

namespace workload {

/// The modular multiplications of some outputs of an encrypted linear layer.
///
/// Enc(y_o) = prod_i c_i^(w_oi) over the ciphertexts c_i. The powers c_i^(2^j) are made once for all outputs,
/// by squaring, as far as some weight of column i needs them. An output multiplies the powers that the bits
/// of its weights select, as a balanced tree; positive and negative weights have an accumulator each, since a
/// negative power would need an inverse: the receiver inverts one accumulator an output.
///
/// `weights` holds outputs x inputs codes. Fills inputs, outputs, weights, operations and results of a
/// ModMul.
void add_product_chain(const std::vector<int>& weights, unsigned outputs, unsigned inputs,
                       trace::ModMul& part);

}  // namespace workload
