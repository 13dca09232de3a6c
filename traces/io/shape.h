// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>

#include "traces/io/records.h"

namespace trace {

struct MatrixShape {
  std::uint64_t rows = 0;  ///< outputs
  std::uint64_t cols = 0;  ///< inputs
};

/// Of one of the five matrices of the model, as trace.proto names them. {0, 0} for any other number.
MatrixShape matrix_shape(const Model& model, Matrix matrix);

/// "qkv_proj"; "matrix 9" for a number that has no name.
std::string matrix_name(int matrix);

}  // namespace trace
