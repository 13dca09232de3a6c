// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/quantised_ops.h"

#include <algorithm>
#include <utility>

#include "sim/core/error.h"
#include "traces/workload/host/clock.h"

namespace workload {
namespace {

constexpr unsigned kPerLayer = 4;
constexpr std::size_t kProductBlock = 64;  // tokens of a prompt whose sums are held at a time

}  // namespace

QuantisedOps::QuantisedOps(const Weights& weights, const QuantisedSettings& settings, ParallelFor parallel)
    : layers_(weights.shape.layers),
      settings_(settings),
      parallel_(std::move(parallel)),
      kernels_(settings.level),
      pairs_(kPerLayer * std::size_t{layers_} + 1),
      bits_(layers_, 8) {
  // Matrix by matrix, spread over threads.
  parallel_(pairs_.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const bool head = i + 1 == pairs_.size();
      const LayerWeights* layer = head ? nullptr : &weights.layers[i / kPerLayer];
      const Matrix* const all[] = {head ? nullptr : &layer->qkv_proj, head ? nullptr : &layer->o_proj,
                                   head ? nullptr : &layer->gate_up_proj, head ? nullptr : &layer->down_proj};
      const Matrix& w = head ? weights.head() : *all[i % kPerLayer];
      Pair& pair = pairs_[i];
      pair.int8 = flexquant::quantise_int8(w.row(0), w.rows, w.cols);
      if (head || !settings_.int4) continue;
      pair.int4 = settings_.format == flexquant::Int4Format::nested
                      ? flexquant::nest_int4(pair.int8)
                      : flexquant::quantise_int4(w.row(0), w.rows, w.cols, settings_.group);
    }
  });
}

const QuantisedOps::Pair& QuantisedOps::pair(unsigned layer, MatrixKind matrix) const {
  if (matrix == MatrixKind::lm_head) return pairs_.back();
  return pairs_[std::size_t{kPerLayer} * layer + static_cast<unsigned>(matrix) - 1];
}

void QuantisedOps::set_layer_bits(const std::vector<std::uint8_t>& bits) {
  const bool good = bits.size() == layers_ && std::all_of(bits.begin(), bits.end(), [&](std::uint8_t b) {
                      return b == 8 || (b == 4 && settings_.int4);
                    });
  if (!good)
    throw sim::Error(sim::Exit::internal, "a layer was given a precision that its weights are not kept in");
  bits_ = bits;
}

GemvReport QuantisedOps::apply(unsigned layer, MatrixKind matrix, const float* x, float* y) {
  const Stopwatch watch;
  const Pair& w = pair(layer, matrix);
  GemvReport report;
  report.layer = layer;
  report.matrix = matrix;
  report.rows = w.int8.rows;
  report.cols = w.int8.cols;
  report.weight_bits = matrix == MatrixKind::lm_head ? 8 : bits_[layer];
  codes_.resize(std::max(codes_.size(), report.cols));
  report.activation_scale = flexquant::quantise_activation(x, report.cols, codes_.data());
  const bool four = report.weight_bits == 4;
  report.sum_count = report.rows * (four ? w.int4.groups() : 1);
  if (keeper_ == nullptr) sums_.resize(std::max(sums_.size(), report.sum_count));
  std::int32_t* const sums = keeper_ != nullptr ? keeper_->room(report.sum_count) : sums_.data();
  const auto rows = [&](std::size_t begin, std::size_t end) {
    if (four) {
      kernels_.gemv_int4(w.int4, codes_.data(), sums, begin, end);
      flexquant::dequantise(w.int4, sums, report.activation_scale, begin, end, y);
    } else {
      kernels_.gemv_int8(w.int8, codes_.data(), sums, begin, end);
      flexquant::dequantise(w.int8, sums, report.activation_scale, begin, end, y);
    }
  };
  if (worth_spreading(report.rows * report.cols)) {
    parallel_(report.rows, rows);
  } else {
    rows(0, report.rows);
  }
  report.activation = codes_.data();
  report.sums = sums;
  report.time_ns = watch.ns();
  return report;
}

void QuantisedOps::apply_block(unsigned layer, MatrixKind matrix, const float* x, std::size_t tokens,
                               float* y) {
  const flexquant::Int8Matrix& w = pair(layer, matrix).int8;
  codes_.resize(std::max(codes_.size(), kProductBlock * w.cols));
  sums_.resize(std::max(sums_.size(), kProductBlock * w.rows));
  scales_.resize(kProductBlock);
  for (std::size_t first = 0; first < tokens; first += kProductBlock) {
    const std::size_t count = std::min(kProductBlock, tokens - first);
    for (std::size_t t = 0; t < count; ++t) {
      scales_[t] =
          flexquant::quantise_activation(x + (first + t) * w.cols, w.cols, codes_.data() + t * w.cols);
    }
    parallel_(w.rows, [&](std::size_t begin, std::size_t end) {
      kernels_.gemm_int8(w, codes_.data(), count, sums_.data(), begin, end);
      for (std::size_t t = 0; t < count; ++t) {
        flexquant::dequantise(w, sums_.data() + t * w.rows, scales_[t], begin, end, y + (first + t) * w.rows);
      }
    });
  }
}

}  // namespace workload
