// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How long kernels of a decode step take on the GPU, and what they move. No SystemC.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "models/common/command.h"
#include "models/common/gpu_unit.h"
#include "models/system/settings.h"
#include "models/system/trace_survey.h"

namespace platform {

// Where things lie in the GPU's memory: weights, matrix after matrix, then the cache, layer after layer.
class AddressPlan {
 public:
  AddressPlan(const TraceSurvey& survey, std::uint64_t cache_bytes_per_layer, unsigned bytes_per_weight);
  std::uint64_t weights(std::uint32_t layer, int matrix) const { return weights_.at({layer, matrix}); }
  std::uint64_t cache(std::uint32_t layer) const { return cache_ + layer * cache_stride_; }
  std::uint64_t end() const { return end_; }

 private:
  std::map<std::pair<std::uint32_t, int>, std::uint64_t> weights_;
  std::uint64_t cache_ = 0, cache_stride_ = 0, end_ = 0;
};

// Durations are those of a kernel whose memory keeps up. Roofline: a fixed part, and bytes at the rate that
// the kernel reaches.
class DecodeModel {
 public:
  DecodeModel(const Settings& settings, const TraceSurvey& survey);

  const AddressPlan& plan() const { return plan_; }

  // `bits`: of the weights; `measured_ns`: of the record, 0 where it has none for these bits.
  common::GpuCommand gemv(std::uint32_t layer, int matrix, std::uint64_t rows, std::uint64_t cols,
                          unsigned bits, std::uint64_t measured_ns) const;
  // New keys and values of `tokens` tokens are written as they are (and, kv_cache: cat, the cache copied).
  common::GpuCommand append(std::uint32_t layer, std::uint64_t tokens, std::uint64_t context) const;
  // Keys and values of the prompt arrive as they are kept.
  common::GpuCommand store(std::uint32_t layer, std::uint64_t tokens) const;
  // `tokens` of the residual are encoded.
  common::GpuCommand encode(std::uint32_t layer, std::uint64_t tokens, std::uint64_t measured_ns) const;
  common::GpuCommand attend(std::uint32_t layer, std::uint64_t context, std::uint64_t residual,
                            std::uint64_t measured_ns) const;
  common::GpuCommand other(std::uint64_t ps) const;

  bool measured() const { return measured_; }
  common::Ps other_ps() const { return other_ps_; }       // roofline: of a layer
  std::uint64_t plain_bytes(std::uint64_t tokens) const;  // keys and values of a layer as fp16
  std::uint64_t code_bytes(std::uint64_t tokens) const;   // as codes
  static std::uint64_t weight_bytes(std::uint64_t elements, unsigned bits) { return elements * bits / 8; }

 private:
  common::Ps at_rate(std::uint64_t bytes, double gbytes_per_s, double fixed_us) const;

  const Settings& s_;
  const TraceSurvey& t_;
  bool measured_;
  bool pq_;
  unsigned sub_vectors_, code_bits_;
  common::Ps other_ps_;
  AddressPlan plan_;
};

}  // namespace platform
