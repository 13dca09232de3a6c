// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_uniform.h"

#include <algorithm>
#include <cmath>

namespace workload {

using million::Code;

namespace {

constexpr std::size_t kScaleBytes = 4;  // a scale and a zero point as fp16

float as_float16(float x) { return to_float(to_float16_saturated(x)); }

template <class T>
void extend(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

UniformStore::UniformStore(const KvShape& shape, unsigned bits, Keys keys, SimdLevel level)
    : kv_heads_(shape.kv_heads),
      dim_(shape.head_dim),
      bits_(bits),
      keys_(keys),
      level_(level),
      layers_(shape.layers) {}

// `count` numbers, `stride` apart, under one scale, whose pair is appended to `scales`.
void UniformStore::quantise(const float* x, std::size_t stride, std::size_t count, Code* codes,
                            std::vector<float>& scales) const {
  float low = x[0];
  float high = x[0];
  for (std::size_t i = 0; i < count; ++i) {
    low = std::min(low, x[i * stride]);
    high = std::max(high, x[i * stride]);
  }
  const auto top = static_cast<float>((1U << bits_) - 1);
  const float zero = as_float16(low);
  const float scale = as_float16((high - low) / top);
  for (std::size_t i = 0; i < count; ++i) {
    const float code = scale > 0 ? std::nearbyint((x[i * stride] - zero) / scale) : 0.0F;
    codes[i * stride] = static_cast<Code>(std::clamp(code, 0.0F, top));
  }
  scales.push_back(scale);
  scales.push_back(zero);
}

EncodedBlock UniformStore::encode(std::size_t tokens, const float* k, const float* v) const {
  EncodedBlock block;
  block.tokens = tokens;
  block.key_codes.resize(tokens * vector_size());
  block.value_codes.resize(tokens * vector_size());
  for (std::size_t i = 0; i < tokens * kv_heads_; ++i)
    quantise(v + i * dim_, 1, dim_, block.value_codes.data() + i * dim_, block.value_scales);
  if (keys_ == Keys::per_token) {
    for (std::size_t i = 0; i < tokens * kv_heads_; ++i)
      quantise(k + i * dim_, 1, dim_, block.key_codes.data() + i * dim_, block.key_scales);
  } else {
    for (std::size_t first = 0; first < tokens; first += kResidualTokens)
      for (std::size_t i = 0; i < vector_size(); ++i)
        quantise(k + first * vector_size() + i, vector_size(),
                 std::min<std::size_t>(kResidualTokens, tokens - first),
                 block.key_codes.data() + first * vector_size() + i, block.key_scales);
  }
  const auto bytes = [](const std::vector<Code>& codes) {
    return std::vector<std::uint8_t>(codes.begin(), codes.end());
  };
  block.digest = fnv1a(bytes(block.value_codes), fnv1a(bytes(block.key_codes)));
  return block;
}

void UniformStore::append(unsigned layer, const EncodedBlock& block) {
  Layer& to = layers_[layer];
  const std::size_t blocks = to.key_scales.size() / (2 * vector_size());
  if (keys_ == Keys::per_channel)
    for (std::size_t t = 0; t < block.tokens; ++t) to.block_of_token.push_back(blocks + t / kResidualTokens);
  extend(to.key_codes, block.key_codes);
  extend(to.value_codes, block.value_codes);
  extend(to.key_scales, block.key_scales);
  extend(to.value_scales, block.value_scales);
  to.tokens += block.tokens;
}

void UniformStore::clear(unsigned layer) { layers_[layer] = Layer(); }

std::uint64_t UniformStore::bytes(std::size_t tokens, std::size_t scales) const {
  return 2 * tokens * kv_heads_ * ((std::uint64_t{dim_} * bits_ + 7) / 8) + scales / 2 * kScaleBytes;
}

std::uint64_t UniformStore::bytes(unsigned layer) const {
  const Layer& l = layers_[layer];
  return bytes(l.tokens, l.key_scales.size() + l.value_scales.size());
}

std::uint64_t UniformStore::bytes(const EncodedBlock& block) const {
  return bytes(block.tokens, block.key_scales.size() + block.value_scales.size());
}

double UniformStore::bytes_per_token() const {
  const double keys = keys_ == Keys::per_token ? 1.0 : static_cast<double>(dim_) / kResidualTokens;
  return 2.0 * std::ceil(dim_ * bits_ / 8.0) + (1.0 + keys) * kScaleBytes;
}

void UniformStore::key_rows(const Layer& layer, unsigned kv_head, std::size_t first, std::size_t count,
                            float* rows) const {
  for (std::size_t t = 0; t < count; ++t) {
    const std::size_t vector = (first + t) * kv_heads_ + kv_head;
    const bool channels = keys_ == Keys::per_channel;
    const std::size_t step = channels ? 2 : 0;
    const float* scale =
        layer.key_scales.data() +
        2 * (channels ? (layer.block_of_token[first + t] * kv_heads_ + kv_head) * dim_ : vector);
    for (unsigned k = 0; k < dim_; ++k, scale += step)
      rows[t * dim_ + k] = static_cast<float>(layer.key_codes[vector * dim_ + k]) * scale[0] + scale[1];
  }
}

void UniformStore::scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first,
                          std::size_t count, float scale, float* scores, float* scratch) const {
  key_rows(layers_[layer], kv_head, first, count, scratch);
  million::plain_scores(query.q, scratch, dim_, count, dim_, scale, scores, level_);
}

void UniformStore::accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count,
                              const float* p, float* acc, float* scratch) const {
  const Layer& from = layers_[layer];
  for (std::size_t t = 0; t < count; ++t) {
    const std::size_t vector = (first + t) * kv_heads_ + kv_head;
    const float* scale = from.value_scales.data() + 2 * vector;
    for (unsigned k = 0; k < dim_; ++k)
      scratch[t * dim_ + k] = static_cast<float>(from.value_codes[vector * dim_ + k]) * scale[0] + scale[1];
  }
  million::plain_accumulate(scratch, dim_, count, dim_, p, acc, level_);
}

}  // namespace workload
