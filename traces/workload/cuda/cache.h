// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "traces/workload/cuda/backend.h"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

namespace workload::cuda {

struct TimedSpan {
  Event begin, end;
};

// Spans of one layer's attention, recorded where wanted.
struct AttendSpans {
  TimedSpan table, attend, merge;
};

// Keys and values of one sequence on the device, with the rules of the host's caches (host/kv_caches.h): a
// residual of 128 fp16 tokens before codes; with asynchronous encoding the append that fills the residual
// starts the encoding on a second stream of low priority, and the next step waits for it.
//
// A decode step is begin_step(), then append() and attend() of every layer. These launch the same work in
// every step but for what they read from the StepState, so that it can be replayed as a graph instead; not in
// a step that fills_residual().
class DeviceCache {
 public:
  DeviceCache(const ModelShape& shape, const DecoderSettings& settings, const Stream& stream);

  // Turns queries and keys in `in` and takes the keys and values. `wanted`: reports and digests are.
  KvAppendReport append_prompt(unsigned layer, const AppendIn& in, bool wanted);
  void clear();
  // Seeded keys and values instead of a prompt's (ForwardPass::fill). There is no digest.
  KvAppendReport fill(unsigned layer, unsigned tokens, std::uint64_t seed);
  // Makes room for one token in all layers: where the residuals are full their codes are taken over. Fills in
  // rows and coded of `state`.
  void begin_step(bool wanted, StepState& state);
  bool fills_residual() const {
    return settings_.kv == KvFormat::pq && layers_.front().tokens == kResidualTokens;
  }
  void append(unsigned layer, const AppendIn& in);
  // `step`: that state, on the device.
  void attend(unsigned layer, const StepState* step, const float* q, float* out, AttendSpans* spans);
  // Of the step, after the stream was waited for.
  KvAppendReport append_report(unsigned layer);
  KvAttendReport attend_report(unsigned layer) const;

 private:
  struct Layer {
    unsigned tokens = 0;  // f32 and fp16: all; pq: of the residual
    unsigned coded = 0;
    KvAppendReport appended;                            // of the step
    unsigned fetched_from = 0, fetched = 0;             // codes on their way to the host
    DeviceArray<float> keys_f32, values_f32;            // [kv head][capacity][dim]
    DeviceArray<__half> keys, values;                   // the same, or the residual [kv head][128][dim]
    DeviceArray<std::uint16_t> key_codes, value_codes;  // [kv head][code_capacity][M]; or
    DeviceArray<std::uint8_t> key_tiles, value_tiles;   // in tiles (kernels.h)
    std::unique_ptr<TimedSpan> encoding;
    std::vector<std::uint16_t> host_keys, host_values;  // of whole tiles, as on the device
    std::vector<std::uint8_t> host_key_tiles, host_value_tiles;
  };
  void encode_rows(Layer& layer, const __half* keys, const __half* values, unsigned row_capacity,
                   unsigned tokens, cudaStream_t stream);
  void fetch(Layer& layer, unsigned from, unsigned tokens);
  void complete(Layer& layer, KvAppendReport& report);
  std::uint64_t row_bytes() const;
  bool tiles() const { return values_.pairs != nullptr; }

  ModelShape shape_;
  DecoderSettings settings_;
  const Stream& stream_;
  Stream encoding_{true};
  Event residual_full_{false};
  const unsigned code_capacity_;  // tokens: whole tiles
  std::vector<Layer> layers_;
  DeviceArray<float> key_book_, value_book_;
  Book keys_, values_;
  unsigned code_bytes_ = 0;  // of a vector
  DeviceArray<__half2> value_pairs_;
  DeviceArray<float> tables_;
  DeviceArray<float2> partials_;
  DeviceArray<float> accs_;
  static constexpr unsigned kSplits = 32;
};

}  // namespace workload::cuda
