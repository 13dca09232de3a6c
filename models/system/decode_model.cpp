// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/decode_model.h"

#include <algorithm>
#include <cmath>

namespace platform {

using common::GpuCommand;
using common::Ps;

namespace {

constexpr std::uint64_t kAlign = 4096;
std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }
Ps us(double value) { return static_cast<Ps>(std::llround(value * 1e6)); }

}  // namespace

AddressPlan::AddressPlan(const TraceSurvey& survey, std::uint64_t cache_bytes_per_layer,
                         unsigned bytes_per_weight) {
  std::uint64_t at = 0;
  for (const auto& [key, shape] : survey.shapes) {
    weights_[key] = at;
    at += aligned(std::uint64_t{shape.first} * shape.second * bytes_per_weight);
  }
  cache_ = at;
  cache_stride_ = aligned(cache_bytes_per_layer);
  end_ = cache_ + cache_stride_ * survey.layers;
}

DecodeModel::DecodeModel(const Settings& settings, const TraceSurvey& survey)
    : s_(settings),
      t_(survey),
      measured_(settings.gpu.compute == Compute::measured),
      pq_(settings.kv == ring::KvFormat::pq),
      sub_vectors_(survey.kv_format == "pq" ? survey.sub_vectors : survey.head_dim / 2),
      code_bits_(survey.kv_format == "pq" ? survey.code_bits : 8),
      other_ps_(us(settings.gpu.other_us)),
      // Codes, and behind them the residual: what is read lies in one piece.
      plan_(survey, plain_bytes(survey.context_tokens + 1) + code_bytes(survey.context_tokens + 1),
            settings.precision == Precision::fp16 ? 2 : 1) {}

std::uint64_t DecodeModel::plain_bytes(std::uint64_t tokens) const {
  return tokens * t_.kv_heads * t_.head_dim * 2 * 2;
}

std::uint64_t DecodeModel::code_bytes(std::uint64_t tokens) const {
  return tokens * t_.kv_heads * 2 * sub_vectors_ * code_bits_ / 8;
}

Ps DecodeModel::at_rate(std::uint64_t bytes, double gbytes_per_s, double fixed_us) const {
  return us(fixed_us) + static_cast<Ps>(std::ceil(static_cast<double>(bytes) * 1e3 / gbytes_per_s));
}

GpuCommand DecodeModel::gemv(std::uint32_t layer, int matrix, std::uint64_t rows, std::uint64_t cols,
                             unsigned bits, std::uint64_t measured_ns) const {
  GpuCommand c;
  c.address = plan_.weights(layer, matrix);
  c.read = weight_bytes(rows * cols, bits) + cols;
  c.written = rows * 4;
  c.duration = at_rate(c.read, s_.gpu.card.hbm_gbytes_per_s, s_.gpu.kernel_us);
  if (measured_) {
    double ns = static_cast<double>(measured_ns);
    if (ns == 0) {
      const auto mean = t_.gemv_times.find({matrix, bits});
      if (mean != t_.gemv_times.end()) ns = mean->second.mean();
    }
    if (ns > 0) c.duration = static_cast<Ps>(std::llround(ns * 1000));
  }
  return c;
}

GpuCommand DecodeModel::append(std::uint32_t layer, std::uint64_t tokens, std::uint64_t context) const {
  GpuCommand c;
  c.address = plan_.cache(layer);
  c.written = plain_bytes(tokens);
  if (s_.kv_cache == Cache::cat) {
    // The whole cache is read and written anew.
    const std::uint64_t old = pq_ ? code_bytes(context) : plain_bytes(context);
    c.read = old;
    c.written += old;
  }
  c.duration = at_rate(c.read + c.written, s_.gpu.card.hbm_gbytes_per_s, 0);
  return c;
}

GpuCommand DecodeModel::store(std::uint32_t layer, std::uint64_t tokens) const {
  GpuCommand c;
  c.address = plan_.cache(layer);
  c.written = pq_ ? code_bytes(tokens) : plain_bytes(tokens);
  c.duration = at_rate(c.written, s_.gpu.card.hbm_gbytes_per_s, 0);
  return c;
}

GpuCommand DecodeModel::encode(std::uint32_t layer, std::uint64_t tokens, std::uint64_t measured_ns) const {
  GpuCommand c;
  c.address = plan_.cache(layer);
  c.read = plain_bytes(tokens);
  c.written = code_bytes(tokens);
  // A sub-vector against every centroid: a difference, a product and a sum for each of its elements.
  const double flops = static_cast<double>(tokens) * t_.kv_heads * 2 * t_.head_dim *
                       static_cast<double>(std::uint64_t{1} << code_bits_) * 3;
  c.duration = std::max(at_rate(c.read + c.written, s_.gpu.card.hbm_gbytes_per_s, s_.gpu.kernel_us),
                        us(s_.gpu.kernel_us + flops / s_.gpu.encode_tflops * 1e-6));
  if (measured_ && measured_ns > 0) c.duration = measured_ns * 1000;
  return c;
}

GpuCommand DecodeModel::attend(std::uint32_t layer, std::uint64_t context, std::uint64_t residual,
                               std::uint64_t measured_ns) const {
  GpuCommand c;
  c.address = plan_.cache(layer);
  c.written = std::uint64_t{t_.heads} * t_.head_dim * 4;
  const std::uint64_t plain = pq_ ? plain_bytes(residual) : plain_bytes(context);
  const std::uint64_t codes = pq_ ? code_bytes(context - residual) : 0;
  c.read = plain + codes;
  c.duration = pq_ && codes > 0 ? at_rate(codes, s_.gpu.pq_gbytes_per_s, s_.gpu.pq_fixed_us)
                                : at_rate(plain, s_.gpu.card.hbm_gbytes_per_s, s_.gpu.kernel_us);
  const bool same = t_.kv_format == word(s_.kv);
  if (measured_ && same && measured_ns > 0) c.duration = measured_ns * 1000;
  return c;
}

GpuCommand DecodeModel::other(std::uint64_t ps) const {
  GpuCommand c;
  c.duration = ps;
  return c;
}

}  // namespace platform
