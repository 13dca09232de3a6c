// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/weights/weights_file.h"

#include <algorithm>

#include "sim/core/error.h"
#include "traces/workload/model/safetensors.h"

namespace sme {
namespace {

using workload::TensorEntry;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& tensor,
                         const std::string& what) {
  throw sim::Error(sim::Exit::input, file.string() + ": " + tensor + ": " + what);
}

std::uint32_t side(std::uint64_t value, std::uint64_t most, const std::filesystem::path& file,
                   const std::string& tensor, const TensorEntry& entry) {
  if (value == 0 || value > most)
    refuse(file, tensor,
           "has shape " + workload::shape_text(entry.shape) + "; sides of a matrix are 1 to " +
               std::to_string(most));
  return static_cast<std::uint32_t>(value);
}

// Columns to rows: from[outputs][inputs] to [inputs][outputs].
std::vector<float> transposed(const std::vector<float>& from, std::size_t inputs, std::size_t outputs) {
  std::vector<float> to(from.size());
  for (std::size_t out = 0; out < outputs; ++out)
    for (std::size_t in = 0; in < inputs; ++in) to[in * outputs + out] = from[out * inputs + in];
  return to;
}

}  // namespace

WeightsFile read_weights(const std::filesystem::path& path, Orientation two_d) {
  const workload::SafetensorsFile file(path);
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [tensor, entry] : file.tensors()) order.emplace_back(entry.begin, tensor);
  std::sort(order.begin(), order.end());
  WeightsFile result;
  for (const auto& [begin, tensor] : order) {
    const TensorEntry& entry = file.tensors().at(tensor);
    const std::vector<std::uint64_t>& shape = entry.shape;
    if (shape.size() == 1) {
      ++result.passed_over;
      continue;
    }
    if (shape.size() != 2 && shape.size() != 4)
      refuse(path, tensor,
             "has " + std::to_string(shape.size()) + " dimensions " + workload::shape_text(shape) +
                 "; weights have 2 (inputs x outputs) or 4 (outputs x inputs x height x width)");
    WeightMatrix matrix;
    matrix.name = tensor;
    bool outputs_first = two_d == Orientation::outputs_by_inputs;
    std::uint64_t inputs = shape[outputs_first ? 1 : 0], outputs = shape[outputs_first ? 0 : 1];
    if (shape.size() == 4) {
      outputs_first = true;
      outputs = shape[0];
      inputs = shape[1];
      for (unsigned d = 2; d < 4; ++d)
        inputs = shape[d] == 0 || inputs > kMaxInputs ? kMaxInputs + std::uint64_t{1} : inputs * shape[d];
      if (shape[1] == 1 && outputs > 1 && shape[2] * shape[3] > 1) matrix.kind = MatrixKind::depthwise;
    } else if (tensor.find("dwconv") != std::string::npos) {
      matrix.kind = MatrixKind::depthwise;
    }
    matrix.inputs = side(inputs, kMaxInputs, path, tensor, entry);
    matrix.outputs = side(outputs, kMaxOutputs, path, tensor, entry);
    matrix.values.resize(entry.elements);
    file.read(tensor, matrix.values.data());
    if (outputs_first) matrix.values = transposed(matrix.values, matrix.inputs, matrix.outputs);
    check(matrix, path.string());
    result.matrices.push_back(std::move(matrix));
  }
  if (result.matrices.empty())
    throw sim::Error(sim::Exit::input,
                     path.string() + ": has no tensor of 2 or 4 dimensions, so no weight matrix");
  return result;
}

}  // namespace sme
