// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/matrix.h"

#include <cmath>

#include "sim/core/error.h"

namespace sme {

void check(const WeightMatrix& matrix, const std::string& where) {
  const auto refuse = [&](const std::string& what) {
    throw sim::Error(sim::Exit::input, where + ": " + matrix.name + ": " + what);
  };
  const std::string shape = std::to_string(matrix.inputs) + " x " + std::to_string(matrix.outputs);
  if (matrix.inputs == 0 || matrix.outputs == 0) refuse("the matrix is empty (" + shape + ")");
  if (matrix.inputs > kMaxInputs || matrix.outputs > kMaxOutputs)
    refuse("a matrix of " + shape + " is beyond the limit of " + std::to_string(kMaxInputs) + " x " +
           std::to_string(kMaxOutputs));
  if (matrix.values.size() != std::size_t{matrix.inputs} * matrix.outputs)
    refuse("has " + std::to_string(matrix.values.size()) + " values for " + shape);
  for (std::size_t i = 0; i < matrix.values.size(); ++i)
    if (!std::isfinite(matrix.values[i]))
      refuse("the weight at row " + std::to_string(i / matrix.outputs) + ", column " +
             std::to_string(i % matrix.outputs) + " is " +
             (std::isnan(matrix.values[i]) ? "NaN" : "infinite") + "; weights must be finite");
}

}  // namespace sme
