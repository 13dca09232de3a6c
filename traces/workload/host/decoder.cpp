// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/decoder.h"

#include <algorithm>
#include <utility>

#include "sim/core/error.h"
#include "traces/workload/flexquant/entropy.h"

namespace workload {

Decoder::Decoder(const Weights& weights, LinearOps& ops, KvCache& cache, ParallelFor parallel,
                 SimdLevel level)
    : weights_(weights),
      shape_(weights.shape),
      ops_(ops),
      cache_(cache),
      parallel_(std::move(parallel)),
      kernels_(level),
      rope_(weights.shape),
      x_(shape_.hidden),
      normed_(shape_.hidden),
      qkv_(shape_.qkv_rows()),
      attended_(shape_.q_rows()),
      projected_(shape_.hidden),
      gate_up_(2 * std::size_t{shape_.intermediate}),
      active_(shape_.intermediate),
      logits_(shape_.vocab) {}

void Decoder::require_room(std::size_t count) const {
  const std::size_t most = std::min(shape_.context, cache_.shape().capacity);
  if (count > most - std::min<std::size_t>(most, position_)) {
    throw sim::Error(sim::Exit::limit, std::to_string(position_ + count) +
                                           " tokens do not fit into the context of " + std::to_string(most) +
                                           " tokens");
  }
}

void Decoder::require(const std::uint32_t* ids, std::size_t count) const {
  require_room(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (ids[i] >= shape_.vocab) {
      throw sim::Error(sim::Exit::input, "token " + std::to_string(position_ + i) + " has id " +
                                             std::to_string(ids[i]) + ", the vocabulary has " +
                                             std::to_string(shape_.vocab));
    }
  }
}

void Decoder::norm(const float* x, const std::vector<float>& weight, float* out) const {
  rms_norm(kernels_, x, weight.data(), shape_.hidden, static_cast<float>(shape_.norm_eps), out);
}

void Decoder::attention(unsigned layer, const float* qkv, float* out) {
  const float* k = qkv + shape_.q_rows();
  const KvAppendReport appended = cache_.append(layer, k, k + shape_.kv_rows());
  const KvAttendReport attended = cache_.attend(layer, qkv, out);
  if (observer_ != nullptr) {
    observer_->on_kv_append(layer, appended);
    observer_->on_kv_attend(layer, attended);
  }
}

const std::vector<float>& Decoder::step(std::uint32_t id) {
  require(&id, 1);
  const float* row = weights_.embedding.row(id);
  std::copy(row, row + shape_.hidden, x_.begin());
  for (unsigned l = 0; l < shape_.layers; ++l) {
    const LayerWeights& layer = weights_.layers[l];
    norm(x_.data(), layer.input_norm, normed_.data());
    observe(ops_.apply(l, MatrixKind::qkv_proj, normed_.data(), qkv_.data()));
    rope_.turn(position_, shape_.heads + shape_.kv_heads, qkv_.data());
    attention(l, qkv_.data(), attended_.data());
    observe(ops_.apply(l, MatrixKind::o_proj, attended_.data(), projected_.data()));
    for (unsigned i = 0; i < shape_.hidden; ++i) x_[i] += projected_[i];
    norm(x_.data(), layer.post_norm, normed_.data());
    observe(ops_.apply(l, MatrixKind::gate_up_proj, normed_.data(), gate_up_.data()));
    swiglu(gate_up_.data(), gate_up_.data() + shape_.intermediate, shape_.intermediate, active_.data());
    observe(ops_.apply(l, MatrixKind::down_proj, active_.data(), projected_.data()));
    for (unsigned i = 0; i < shape_.hidden; ++i) x_[i] += projected_[i];
  }
  norm(x_.data(), weights_.final_norm, normed_.data());
  observe(ops_.apply(shape_.layers, MatrixKind::lm_head, normed_.data(), logits_.data()));
  ++position_;
  return logits_;
}

double Decoder::pple() const { return flexquant::pple(logits_.data(), logits_.size()); }

double Decoder::kl_from(const float* reference) const {
  return flexquant::kl_divergence(reference, logits_.data(), logits_.size());
}

void Decoder::reset() {
  cache_.clear();
  position_ = 0;
}

}  // namespace workload
