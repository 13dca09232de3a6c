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
    if (s.sub_vectors == 64 && s.code_bits == 8 && s.sub_dim() == 2) {
      std::vector<__half2> pairs(s.elements() / 2);
      std::memcpy(static_cast<void*>(pairs.data()), settings.books->value.centroids().data(),
                  pairs.size() * sizeof(__half2));
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
    if (tiles()) {
      layer.key_tiles = DeviceArray<std::uint8_t>(codes);
      layer.value_tiles = DeviceArray<std::uint8_t>(codes);
    } else {
      layer.key_codes = DeviceArray<std::uint16_t>(codes);
      layer.value_codes = DeviceArray<std::uint16_t>(codes);
    }
    layer.encoding = std::make_unique<TimedSpan>();
  }
}

std::uint64_t DeviceCache::row_bytes() const {
  return std::uint64_t{2} * shape_.kv_rows() *
         (settings_.kv == KvFormat::f32 ? sizeof(float) : sizeof(__half));
}

void DeviceCache::encode_rows(Layer& layer, const __half* keys, const __half* values, unsigned row_capacity,
                              unsigned tokens, cudaStream_t stream) {
  const EncodeIn key_rows{keys, row_capacity, tokens, shape_.kv_heads};
  const EncodeIn value_rows{values, row_capacity, tokens, shape_.kv_heads};
  layer.encoding->begin.record(stream);
  if (tiles()) {
    encode_tiles(keys_, key_rows, CodeLayout::key_tiles, layer.key_tiles.data(), code_capacity_, layer.coded,
                 stream);
    encode_tiles(values_, value_rows, CodeLayout::value_tiles, layer.value_tiles.data(), code_capacity_,
                 layer.coded, stream);
  } else {
    encode(keys_, key_rows, layer.key_codes.data(), code_capacity_, layer.coded, stream);
    encode(values_, value_rows, layer.value_codes.data(), code_capacity_, layer.coded, stream);
  }
  layer.encoding->end.record(stream);
}

// Whole tiles, head by head.
void DeviceCache::fetch(Layer& layer, unsigned from, unsigned tokens) {
  layer.fetched_from = from;
  layer.fetched = tokens;
  const std::size_t sub = keys_.sub_vectors;
  const std::size_t first = from / kTileTokens * kTileTokens;
  const std::size_t count = (from + tokens + kTileTokens - 1) / kTileTokens * kTileTokens - first;
  const auto copy = [&](auto& out, const auto& codes) {
    const std::size_t width = count * sub * sizeof(out[0]);
    out.resize(count * shape_.kv_heads * sub);
    check(cudaMemcpy2DAsync(out.data(), width, codes.at(first * sub), code_capacity_ * sub * sizeof(out[0]),
                            width, shape_.kv_heads, cudaMemcpyDeviceToHost, stream_),
          "copy of codes");
  };
  if (tiles()) {
    copy(layer.host_key_tiles, layer.key_tiles);
    copy(layer.host_value_tiles, layer.value_tiles);
  } else {
    copy(layer.host_keys, layer.key_codes);
    copy(layer.host_values, layer.value_codes);
  }
}

// After the stream was waited for: digest and time.
void DeviceCache::complete(Layer& layer, KvAppendReport& report) {
  if (report.encoded_tokens == 0) return;
  // From head by head to the digest's order, token by token.
  const unsigned sub = keys_.sub_vectors;
  const std::size_t skipped = layer.fetched_from % kTileTokens;  // of the first tile
  const std::size_t all = (tiles() ? layer.host_key_tiles.size() : layer.host_keys.size()) / shape_.kv_heads;
  std::uint64_t hash = kFnvStart;
  std::vector<million::Code> ordered(std::size_t{layer.fetched} * shape_.kv_heads * sub);
  for (const bool keys : {true, false}) {
    const auto& rows = keys ? layer.host_keys : layer.host_values;
    const auto& in_tiles = keys ? layer.host_key_tiles : layer.host_value_tiles;
    const CodeLayout layout = keys ? CodeLayout::key_tiles : CodeLayout::value_tiles;
    million::Code* out = ordered.data();
    for (std::size_t t = skipped; t < skipped + layer.fetched; ++t) {
      for (unsigned head = 0; head < shape_.kv_heads; ++head) {
        const std::size_t at = head * all;
        for (unsigned m = 0; m < sub; ++m)
          *out++ = tiles() ? in_tiles[at + code_index(layout, t, m)] : rows[at + t * sub + m];
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

void DeviceCache::clear() {
  encoding_.wait();  // a residual that is on its way to codes
  for (Layer& layer : layers_) layer.tokens = layer.coded = 0;
}

KvAppendReport DeviceCache::fill(unsigned index, unsigned tokens, std::uint64_t seed) {
  Layer& layer = layers_[index];
  KvAppendReport report;
  report.appended_tokens = tokens;
  const auto rows = [&](auto* keys, auto* values, unsigned capacity) {
    fill_rows(kv_stream(seed, index, true), tokens, shape_.kv_heads, shape_.head_dim, keys, capacity,
              stream_);
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
    a.key_tiles = layer.key_tiles.data();
    a.value_tiles = layer.value_tiles.data();
    a.values = values_;
    a.code_capacity = code_capacity_;
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
