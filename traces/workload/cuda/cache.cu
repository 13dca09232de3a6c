// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstring>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/cache.h"
#include "traces/workload/host/kv_block.h"
#include "traces/workload/million/encode.h"
#include "traces/workload/model/seeded.h"

namespace workload::cuda {

DeviceCache::DeviceCache(const ModelShape& shape, const DecoderSettings& settings, const Stream& stream)
    : shape_(shape),
      settings_(settings),
      stream_(stream),
      code_capacity_((settings.capacity + kTileTokens - 1) / kTileTokens * kTileTokens),
      layers_(shape.layers),
      partials_(std::size_t{shape.heads} * (kSplits + 1)),
      accs_(std::size_t{shape.heads} * (kSplits + 1) * shape.head_dim) {
  const bool pq = settings.kv == KvFormat::pq;
  if (pq) {
    const million::PqShape& s = settings.books->key.shape();
    const auto book = [&](const million::Codebook& b) {
      return std::vector<float>(b.by_centroid(), b.by_centroid() + s.elements());
    };
    key_book_ = DeviceArray<float>(book(settings.books->key));
    value_book_ = DeviceArray<float>(book(settings.books->value));
    keys_ = {key_book_.data(), s.sub_vectors, s.centroids(), s.sub_dim()};
    values_ = {value_book_.data(), s.sub_vectors, s.centroids(), s.sub_dim()};
    if (s.sub_dim() == 2) {
      std::vector<__half2> pairs(s.elements() / 2);
      std::memcpy(static_cast<void*>(pairs.data()), settings.books->value.centroids().data(), pairs.size() * sizeof(__half2));
      value_pairs_ = DeviceArray<__half2>(pairs);
      values_.pairs = value_pairs_.data();
    }
    code_bytes_ = static_cast<unsigned>(s.code_bytes());
    tables_ = DeviceArray<float>(std::size_t{shape.heads} * s.sub_vectors * s.centroids());
  }
  const std::size_t vectors = std::size_t{shape.kv_heads} * settings.capacity;
  for (Layer& layer : layers_) {
    if (settings.kv == KvFormat::f32) {
      layer.keys_f32 = DeviceArray<float>(vectors * shape.head_dim);
      layer.values_f32 = DeviceArray<float>(vectors * shape.head_dim);
    } else {
      const std::size_t rows = pq ? std::size_t{shape.kv_heads} * kResidualTokens : vectors;
      layer.keys = DeviceArray<__half>(rows * shape.head_dim);
      layer.values = DeviceArray<__half>(rows * shape.head_dim);
    }
    if (!pq) continue;
    const std::size_t codes = std::size_t{shape.kv_heads} * code_capacity_ * keys_.sub_vectors;
    layer.key_codes = DeviceArray<std::uint16_t>(codes);
    layer.value_codes = DeviceArray<std::uint16_t>(codes);
    layer.encoding = std::make_unique<TimedSpan>();
  }
}

std::uint64_t DeviceCache::row_bytes() const {
  return std::uint64_t{2} * shape_.kv_rows() *
         (settings_.kv == KvFormat::f32 ? sizeof(float) : sizeof(__half));
}

void DeviceCache::encode_rows(Layer& layer, const __half* keys, const __half* values, unsigned row_capacity,
                              unsigned tokens, cudaStream_t stream) {
  layer.encoding->begin.record(stream);
  encode(keys_, {keys, row_capacity, tokens, shape_.kv_heads}, layer.key_codes.data(), code_capacity_,
         layer.coded, stream);
  encode(values_, {values, row_capacity, tokens, shape_.kv_heads}, layer.value_codes.data(),
         code_capacity_, layer.coded, stream, true);
  layer.encoding->end.record(stream);
}

void DeviceCache::fetch(Layer& layer, unsigned from, unsigned tokens) {
  layer.fetched_from = from;
  layer.fetched = tokens;
  const auto copy = [&](std::vector<std::uint16_t>& out, const DeviceArray<std::uint16_t>& codes, unsigned begin,
                        unsigned count) {
    const std::size_t width = std::size_t{count} * keys_.sub_vectors * sizeof(std::uint16_t);
    const std::size_t pitch = std::size_t{code_capacity_} * keys_.sub_vectors * sizeof(std::uint16_t);
    out.resize(std::size_t{count} * shape_.kv_heads * keys_.sub_vectors);
    check(cudaMemcpy2DAsync(out.data(), width, codes.at(std::size_t{begin} * keys_.sub_vectors), pitch, width,
                            shape_.kv_heads, cudaMemcpyDeviceToHost, stream_),
          "copy of codes");
  };
  copy(layer.host_keys, layer.key_codes, from, tokens);
  const unsigned first = from / kTileTokens * kTileTokens;  // whole tiles of values
  const unsigned end = (from + tokens + kTileTokens - 1) / kTileTokens * kTileTokens;
  copy(layer.host_values, layer.value_codes, first, end - first);
}

// After the stream was waited for: digest and time.
void DeviceCache::complete(Layer& layer, KvAppendReport& report) {
  if (report.encoded_tokens == 0) return;
  // From head by head to the digest's order, token by token.
  const unsigned sub = keys_.sub_vectors;
  const std::size_t first = layer.fetched_from / kTileTokens;
  const std::size_t tiles = layer.host_values.size() / (std::size_t{shape_.kv_heads} * sub * kTileTokens);
  std::uint64_t hash = kFnvStart;
  std::vector<million::Code> ordered(layer.host_keys.size());
  for (const bool keys : {true, false}) {
    million::Code* out = ordered.data();
    for (unsigned t = 0; t < layer.fetched; ++t) {
      const std::size_t token = layer.fetched_from + t;
      for (unsigned head = 0; head < shape_.kv_heads; ++head) {
        const std::size_t row = (std::size_t{head} * layer.fetched + t) * sub;
        const std::size_t tile = head * tiles + token / kTileTokens - first;
        for (unsigned m = 0; m < sub; ++m)
          *out++ = keys ? layer.host_keys[row + m]
                        : layer.host_values[(tile * sub + m) * kTileTokens + token % kTileTokens];
      }
    }
    hash = fnv1a(million::pack_codes(settings_.books->key.shape(), ordered.data(),
                                     std::size_t{layer.fetched} * shape_.kv_heads),
                 hash);
  }
  report.code_digest = hash;
  report.time_ns = ns_between(layer.encoding->begin, layer.encoding->end);
}

KvAppendReport DeviceCache::append_prompt(unsigned index, const AppendIn& in, bool wanted) {
  Layer& layer = layers_[index];
  KvAppendReport report;
  report.appended_tokens = in.tokens;
  if (settings_.kv != KvFormat::pq) {
    if (settings_.kv == KvFormat::f32)
      rope_append(in, layer.keys_f32.data(), layer.values_f32.data(), settings_.capacity, 0, stream_);
    else
      rope_append(in, layer.keys.data(), layer.values.data(), settings_.capacity, 0, stream_);
    layer.tokens = in.tokens;
    report.plain_bytes = in.tokens * row_bytes();
    return report;
  }
  const std::size_t size = std::size_t{in.tokens} * shape_.kv_rows();
  const DeviceArray<__half> keys(size);
  const DeviceArray<__half> values(size);
  rope_append(in, keys.data(), values.data(), in.tokens, 0, stream_);
  encode_rows(layer, keys.data(), values.data(), in.tokens, in.tokens, stream_);
  report.encoded_tokens = in.tokens;
  report.code_bytes = std::uint64_t{2} * in.tokens * shape_.kv_heads * code_bytes_;
  if (wanted) fetch(layer, 0, in.tokens);
  stream_.wait();  // before the rows go
  layer.coded = in.tokens;
  if (wanted) complete(layer, report);
  return report;
}

KvAppendReport DeviceCache::fill(unsigned index, unsigned tokens, std::uint64_t seed) {
  Layer& layer = layers_[index];
  KvAppendReport report;
  report.appended_tokens = tokens;
  const auto rows = [&](auto* keys, auto* values, unsigned capacity) {
    fill_rows(kv_stream(seed, index, true), tokens, shape_.kv_heads, shape_.head_dim, keys, capacity, stream_);
    fill_rows(kv_stream(seed, index, false), tokens, shape_.kv_heads, shape_.head_dim, values, capacity,
              stream_);
  };
  if (settings_.kv != KvFormat::pq) {
    if (settings_.kv == KvFormat::f32)
      rows(layer.keys_f32.data(), layer.values_f32.data(), settings_.capacity);
    else
      rows(layer.keys.data(), layer.values.data(), settings_.capacity);
    layer.tokens = tokens;
    report.plain_bytes = tokens * row_bytes();
    return report;
  }
  const DeviceArray<__half> keys(std::size_t{tokens} * shape_.kv_rows());
  const DeviceArray<__half> values(keys.size());
  rows(keys.data(), values.data(), tokens);
  encode_rows(layer, keys.data(), values.data(), tokens, tokens, stream_);
  stream_.wait();  // before the rows go
  layer.coded = tokens;
  report.encoded_tokens = tokens;
  report.code_bytes = std::uint64_t{2} * tokens * shape_.kv_heads * code_bytes_;
  report.time_ns = ns_between(layer.encoding->begin, layer.encoding->end);
  return report;
}

void DeviceCache::begin_step(bool wanted, StepState& state) {
  for (Layer& layer : layers_) {
    KvAppendReport& report = layer.appended;
    report = {};
    report.appended_tokens = 1;
    report.plain_bytes = row_bytes();
    if (settings_.kv == KvFormat::pq && layer.tokens == kResidualTokens) {
      if (settings_.asynchronous)
        check(cudaStreamWaitEvent(stream_, layer.encoding->end, 0), "waiting for codes");
      else
        encode_rows(layer, layer.keys.data(), layer.values.data(), kResidualTokens, kResidualTokens, stream_);
      if (wanted) fetch(layer, layer.coded, kResidualTokens);
      layer.coded += kResidualTokens;
      layer.tokens = 0;
      report.encoded_tokens = kResidualTokens;
      report.code_bytes = std::uint64_t{2} * kResidualTokens * shape_.kv_heads * code_bytes_;
    }
    ++layer.tokens;
    if (settings_.kv == KvFormat::pq) report.residual_tokens = layer.tokens;
  }
  state.rows = layers_.front().tokens;
  state.coded = layers_.front().coded;
}

void DeviceCache::append(unsigned index, const AppendIn& in) {
  Layer& layer = layers_[index];
  const unsigned slot = layer.tokens - 1;
  if (settings_.kv == KvFormat::f32) {
    rope_append(in, layer.keys_f32.data(), layer.values_f32.data(), settings_.capacity, slot, stream_);
    return;
  }
  const bool pq = settings_.kv == KvFormat::pq;
  rope_append(in, layer.keys.data(), layer.values.data(), pq ? kResidualTokens : settings_.capacity, slot,
              stream_);
  if (!fills_residual() || !settings_.asynchronous) return;
  residual_full_.record(stream_);
  check(cudaStreamWaitEvent(encoding_, residual_full_, 0), "waiting for a full residual");
  encode_rows(layer, layer.keys.data(), layer.values.data(), kResidualTokens, kResidualTokens, encoding_);
}

KvAppendReport DeviceCache::append_report(unsigned index) {
  Layer& layer = layers_[index];
  if (layer.appended.encoded_tokens > 0) complete(layer, layer.appended);
  return layer.appended;
}

KvAttendReport DeviceCache::attend_report(unsigned index) const {
  const Layer& layer = layers_[index];
  KvAttendReport report;
  report.context_tokens = layer.coded + layer.tokens;
  report.plain_bytes = layer.tokens * row_bytes();
  if (settings_.kv != KvFormat::pq) return report;
  report.residual_tokens = layer.tokens;
  report.sub_vectors = keys_.sub_vectors;
  report.code_bits = settings_.books->key.shape().code_bits;
  report.code_bytes = std::uint64_t{2} * layer.coded * shape_.kv_heads * code_bytes_;
  return report;
}

void DeviceCache::attend(unsigned index, const StepState* step, const float* q, float* out,
                         AttendSpans* spans) {
  Layer& layer = layers_[index];
  const bool pq = settings_.kv == KvFormat::pq;
  Attention a;
  a.q = q;
  a.heads = shape_.heads;
  a.kv_heads = shape_.kv_heads;
  a.dim = shape_.head_dim;
  a.max_splits = kSplits;
  a.step = step;
  a.row_capacity = pq ? kResidualTokens : settings_.capacity;
  const bool f32 = settings_.kv == KvFormat::f32;
  a.keys = f32 ? static_cast<const void*>(layer.keys_f32.data()) : layer.keys.data();
  a.row_values = f32 ? static_cast<const void*>(layer.values_f32.data()) : layer.values.data();
  a.partials = partials_.data();
  a.accs = accs_.data();
  if (pq) {
    a.tables = tables_.data();
    a.key_codes = layer.key_codes.data();
    a.value_codes = layer.value_codes.data();
    a.values = values_;
    a.code_capacity = code_capacity_;
    a.values_by_tile = true;
    if (spans != nullptr) spans->table.begin.record_time(stream_);
    build_table(keys_, q, shape_.heads, tables_.data(), stream_);
    if (spans != nullptr) spans->table.end.record_time(stream_);
  }
  if (spans != nullptr) spans->attend.begin.record_time(stream_);
  cuda::attend(a, f32 ? RowKind::f32 : RowKind::fp16, stream_);
  if (spans != nullptr) spans->attend.end.record_time(stream_);
  if (spans != nullptr) spans->merge.begin.record_time(stream_);
  merge(a, out, stream_);
  if (spans != nullptr) spans->merge.end.record_time(stream_);
}

}  // namespace workload::cuda
