// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traces/io/records.h"
#include "traces/workload/app/run_options.h"
#include "traces/workload/calibrate/calibration.h"
#include "traces/workload/flexquant/policy.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/f32_ops.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/model/weights.h"

namespace workload {

// Everything that a run computes with, put together from its options: weights, calibration, linear layers,
// cache, precision policy, decoder. Errors are sim::Error with the options or files named.
class Session {
 public:
  // Loads the model; the prompt is read next, because it needs the model's shape.
  explicit Session(const RunOptions& options);

  const Weights& weights() const { return weights_; }
  const ModelShape& shape() const { return weights_.shape; }

  // Puts the rest together, with a cache for so many tokens.
  void build(unsigned capacity);

  ForwardPass& decoder() { return *decoder_; }
  // Of one token of one layer and kv head in the cache, key and value.
  double kv_bytes_per_token() const { return kv_bytes_per_token_; }
  const QuantisedOps* quantised() const { return quantised_.get(); }  // null: f32
  ThreadPool& pool() { return pool_; }
  // Integer sums of the host's products go there; nothing in f32 and on a GPU.
  void keep_sums(SumsKeeper* keeper) {
    if (quantised_) quantised_->keep_sums(keeper);
  }

  // Chooses the precision of token `index` from the logits that chose its input; there are none in front of
  // the first token behind a filled cache.
  void decide(unsigned index);
  const std::vector<std::uint8_t>& layer_bits() const { return bits_; }
  double pple() const { return pple_; }
  double pple_smoothed() const { return policy_ ? policy_->smoothed() : pple_; }

  // The header of this run's trace, prompt and content included.
  trace::Header header(const std::vector<std::uint32_t>& prompt, const std::string& sampling) const;

 private:
  void build_decoder(unsigned capacity);
  void load_calibration_if_needed();
  void follow_share(unsigned index);
  flexquant::Int4Format int4_format() const;
  const million::Codebooks* books() const;

  RunOptions options_;
  std::string device_;  // the GPU
  ThreadPool pool_;
  Weights weights_;
  std::optional<Calibration> calibration_;
  std::optional<million::Codebooks> seeded_books_;  // of a filled cache
  std::unique_ptr<F32Ops> f32_;
  std::unique_ptr<QuantisedOps> quantised_;
  std::optional<flexquant::PrecisionPolicy> policy_;
  std::unique_ptr<KvCache> cache_;  // null: the decoder has its own
  std::unique_ptr<ForwardPass> decoder_;
  double kv_bytes_per_token_ = 0;
  std::vector<std::uint8_t> bits_;
  std::vector<unsigned> share_order_;  // layers in the order in which --share switches them
  double pple_ = 0;
};

}  // namespace workload
