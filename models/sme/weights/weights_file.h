// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <vector>

#include "models/sme/function/matrix.h"

namespace sme {

// Weight matrices of a *.safetensors file (F32, F16, BF16), in the order of the file.
// 2-D tensors are inputs x outputs; a name with "dwconv" in it is a depthwise matrix (taps x channels).
// 4-D tensors are output channels x input channels x height x width (PyTorch); with 1 input channel and more
// than one output they are depthwise. 1-D tensors (biases, norms) are passed over and counted. Throws
// sim::Error (input) with file and tensor for another rank, NaN or infinity, sizes beyond the limits, and a
// file without a matrix.
struct WeightsFile {
  std::vector<WeightMatrix> matrices;
  std::size_t passed_over = 0;  // 1-D tensors
};
enum class Orientation {
  inputs_by_outputs,
  outputs_by_inputs
};  // of 2-D tensors; PyTorch's Linear is the second
WeightsFile read_weights(const std::filesystem::path& file,
                         Orientation two_d = Orientation::inputs_by_outputs);

}  // namespace sme
