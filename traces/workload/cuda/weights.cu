// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/weights.h"

namespace workload::cuda {
namespace {

unsigned padded16(std::size_t bytes) { return static_cast<unsigned>((bytes + 15) / 16 * 16); }

// Rows of `bytes` set apart by `stride`, zeros between them.
template <class T>
DeviceArray<T> upload_rows(const std::vector<T>& codes, std::size_t rows, std::size_t bytes,
                           std::size_t stride) {
  DeviceArray<T> out(rows * stride);
  check(cudaMemset(out.data(), 0, rows * stride), "filling memory");
  check(cudaMemcpy2D(out.data(), stride, codes.data(), bytes, bytes, rows, cudaMemcpyHostToDevice),
        "copy of weights to the GPU");
  check(cudaStreamSynchronize(cudaStreamLegacy), "copy of weights to the GPU");
  return out;
}

// As Rope does it: rounded from double precision, on the host.
std::vector<float2> angles(const ModelShape& shape, unsigned capacity) {
  const std::vector<float> frequencies = rope_frequencies(shape);
  std::vector<float2> out;
  out.reserve(std::size_t{capacity} * frequencies.size());
  for (unsigned position = 0; position < capacity; ++position) {
    for (const float f : frequencies) {
      const float angle = static_cast<float>(position) * f;
      out.push_back(make_float2(static_cast<float>(std::cos(static_cast<double>(angle))),
                                static_cast<float>(std::sin(static_cast<double>(angle)))));
    }
  }
  return out;
}

}  // namespace

DeviceMatrix upload(const Matrix& matrix) {
  DeviceMatrix out;
  out.f32 = DeviceArray<float>(matrix.values);
  out.codes.rows = static_cast<unsigned>(matrix.rows);
  out.codes.cols = static_cast<unsigned>(matrix.cols);
  return out;
}

DeviceMatrix upload(const flexquant::Int8Matrix& int8, const flexquant::Int4Matrix& int4) {
  DeviceMatrix out;
  WeightCodes& c = out.codes;
  c.rows = static_cast<unsigned>(int8.rows);
  c.cols = static_cast<unsigned>(int8.cols);
  c.int8_stride = padded_cols(int8.cols);
  out.int8 = upload_rows(int8.codes, int8.rows, int8.cols, c.int8_stride);
  out.int8_scales = DeviceArray<float>(int8.scales);
  c.int8 = out.int8.data();
  c.int8_scales = out.int8_scales.data();
  if (int4.codes.empty()) return out;
  c.group = int4.format == flexquant::Int4Format::nested ? 0 : static_cast<unsigned>(int4.group);
  if (c.group != 0 && !int4_group_is_supported(c.group))
    throw sim::Error(sim::Exit::usage, "--backend cuda: INT4 groups of " + std::to_string(c.group) +
                                           " inputs; 128 and nested are supported");
  c.int4_stride = padded16(int4.row_bytes());
  out.int4 = upload_rows(int4.codes, int4.rows, int4.row_bytes(), c.int4_stride);
  out.int4_scales = DeviceArray<float>(int4.scales);
  c.int4 = out.int4.data();
  c.int4_scales = out.int4_scales.data();
  return out;
}

DeviceWeights::DeviceWeights(const Weights& weights, const QuantisedOps* quantised, unsigned capacity)
    : embedding(weights.embedding.values),
      sin_cos(angles(weights.shape, capacity)),
      final_norm(weights.final_norm) {
  for (unsigned l = 0; l < weights.shape.layers; ++l) {
    const LayerWeights& layer = weights.layers[l];
    input_norms.emplace_back(layer.input_norm);
    post_norms.emplace_back(layer.post_norm);
    const Matrix* const all[] = {&layer.qkv_proj, &layer.o_proj, &layer.gate_up_proj, &layer.down_proj};
    for (unsigned i = 0; i < 4; ++i) {
      const auto kind = static_cast<MatrixKind>(i + 1);
      matrices.push_back(quantised != nullptr ? upload(quantised->int8(l, kind), quantised->int4(l, kind))
                                              : upload(*all[i]));
    }
  }
  if (quantised != nullptr)
    matrices.push_back(upload(quantised->int8(weights.shape.layers, MatrixKind::lm_head), {}));
  else
    matrices.push_back(upload(weights.head()));
}

}  // namespace workload::cuda
