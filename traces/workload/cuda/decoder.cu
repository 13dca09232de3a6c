// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/decoder.h"

namespace workload::cuda {

Decoder::Decoder(const Weights& weights, const QuantisedOps* quantised, const DecoderSettings& settings)
    : shape_(weights.shape),
      quantised_(quantised),
      weights_(weights, quantised, std::min(settings.capacity, weights.shape.context)),
      cache_(weights.shape, settings, stream_),
      most_tokens_(std::min(settings.capacity, weights.shape.context)),
      graphs_wanted_(settings.graphs),
      op_times_every_(settings.op_times_every),
      x_(shape_.hidden),
      rows_(std::max({shape_.hidden, shape_.q_rows(), shape_.intermediate})),
      qkv_(shape_.qkv_rows()),
      attended_(shape_.q_rows()),
      gate_up_(2 * std::size_t{shape_.intermediate}),
      device_logits_(shape_.vocab),
      logits_(shape_.vocab) {
  std::size_t codes = 0;
  std::size_t sums = 0;
  for (unsigned i = 0; i < 4 * shape_.layers + 1; ++i) {
    Product p;
    p.layer = i / 4;
    p.matrix = i == 4 * shape_.layers ? MatrixKind::lm_head : static_cast<MatrixKind>(i % 4 + 1);
    const WeightCodes& w = weights_.matrix(p.layer, p.matrix).codes;
    p.input.padded = padded_cols(w.cols);
    p.code_offset = codes;
    p.sum_offset = sums;
    codes += p.input.padded;
    sums += std::size_t{w.rows} * (w.int4 != nullptr ? w.groups() : 1);
    products_.push_back(std::move(p));
  }
  if (quantised_ != nullptr) {
    codes_ = DeviceArray<std::int8_t>(codes);
    scales_ = DeviceArray<float>(products_.size());
    for (std::size_t i = 0; i < products_.size(); ++i) {
      products_[i].input.codes = codes_.at(products_[i].code_offset);
      products_[i].input.scales = scales_.at(i);
    }
    host_sums_.resize(sums);
  }
  const int good = 0;
  bad_.upload(&good, 1);
}

Decoder::~Decoder() { cudaDeviceSynchronize(); }

void Decoder::require_room(std::size_t count) const {
  if (count > most_tokens_ - std::min(most_tokens_, position_))
    throw sim::Error(sim::Exit::limit, std::to_string(position_ + count) +
                                           " tokens do not fit into the context of " +
                                           std::to_string(most_tokens_) + " tokens");
}

void Decoder::require(const std::uint32_t* ids, std::size_t count) const {
  require_room(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (ids[i] >= shape_.vocab)
      throw sim::Error(sim::Exit::input, "token " + std::to_string(position_ + i) + " has id " +
                                             std::to_string(ids[i]) + ", the vocabulary has " +
                                             std::to_string(shape_.vocab));
  }
}

void Decoder::throw_if_bad() {
  int bad = 0;
  check(cudaMemcpy(&bad, bad_.data(), sizeof bad, cudaMemcpyDeviceToHost), "copy from the GPU");
  if (bad != 0)
    throw sim::Error(sim::Exit::internal,
                     "an activation, key or value is not a finite number; the weights may be unusable");
}

AppendIn Decoder::append_in(float* qkv, unsigned tokens) const {
  return {qkv,          weights_.sin_cos.data(), tokens,          position_,
          shape_.heads, shape_.kv_heads,         shape_.head_dim, bad_.data()};
}

void Decoder::plan_products() {
  for (Product& p : products_) {
    if (quantised_ == nullptr) continue;
    const WeightCodes& w = weights_.matrix(p.layer, p.matrix).codes;
    p.bits = p.matrix == MatrixKind::lm_head ? 8 : quantised_->layer_bits()[p.layer];
    p.sum_count = std::size_t{w.rows} * (p.bits == 4 ? w.groups() : 1);
  }
}

void Decoder::multiply(Product& p, float* y, bool add) {
  const DeviceMatrix& m = weights_.matrix(p.layer, p.matrix);
  if (timed_) p.span->begin.record_time(stream_);
  if (quantised_ == nullptr) {
    gemm_f32(m.f32.data(), m.codes.rows, m.codes.cols, rows_.data(), 1, y, add, stream_);
  } else {
    const GemvOut out{y, observer_ != nullptr ? sums_.at(p.sum_offset) : nullptr, add};
    (p.bits == 4 ? gemv_int4 : gemv_int8)(m.codes, p.input, out, stream_);
  }
  if (timed_) p.span->end.record_time(stream_);
}

void Decoder::run_layer(unsigned l) {
  Product* const p = &products_[4 * std::size_t{l}];
  const auto eps = static_cast<float>(shape_.norm_eps);
  norm(x_.data(), weights_.input_norms[l].data(), 1, shape_.hidden, eps, input_of(p[0]), stream_);
  multiply(p[0], qkv_.data(), false);
  AppendIn in = append_in(qkv_.data(), 1);
  in.step = state_.data();
  cache_.append(l, in);
  cache_.attend(l, state_.data(), qkv_.data(), attended_.data(), timed_ ? spans_[l].get() : nullptr);
  quantise(attended_.data(), 1, shape_.q_rows(), input_of(p[1]), stream_);
  multiply(p[1], x_.data(), true);
  norm(x_.data(), weights_.post_norms[l].data(), 1, shape_.hidden, eps, input_of(p[2]), stream_);
  multiply(p[2], gate_up_.data(), false);
  swiglu(gate_up_.data(), 1, shape_.intermediate, input_of(p[3]), stream_);
  multiply(p[3], x_.data(), true);
}

void Decoder::launch_step() {
  embed(weights_.embedding.data(), &state_.data()->id, 1, shape_.hidden, x_.data(), stream_);
  for (unsigned l = 0; l < shape_.layers; ++l) run_layer(l);
  Product& head = products_.back();
  norm(x_.data(), weights_.final_norm.data(), 1, shape_.hidden, static_cast<float>(shape_.norm_eps),
       input_of(head), stream_);
  multiply(head, device_logits_.data(), false);
  cuda::pple(device_logits_.data(), shape_.vocab, pple_.data(), stream_);
}

void Decoder::launch_or_replay() {
  constexpr std::size_t kMostGraphs = 16;  // of some hundred kernels each
  const auto launch = [this] {
    step_begin_.record(stream_);
    launch_step();
    step_end_.record(stream_);
  };
  if (!graphs_wanted_ || cache_.fills_residual()) return launch();
  const GraphKey key{quantised_ != nullptr ? quantised_->layer_bits() : std::vector<std::uint8_t>{}, timed_};
  auto found = graphs_.find(key);
  if (found == graphs_.end()) {
    if (met_.insert(key).second) return launch();
    if (graphs_.size() == kMostGraphs) graphs_.clear();  // this stream waited for all of them
    found = graphs_.emplace(key, Graph(stream_, [this] { launch_step(); })).first;
  }
  step_begin_.record(stream_);
  found->second.launch(stream_);
  step_end_.record(stream_);
}

const std::vector<float>& Decoder::step(std::uint32_t id) {
  require(&id, 1);
  if (observer_ != nullptr) prepare_observation();
  timed_ = observer_ != nullptr && op_times_every_ != 0 && steps_ % op_times_every_ == 0;
  plan_products();
  StepState state;
  state.id = id;
  state.position = position_;
  cache_.begin_step(observer_ != nullptr, state);
  check(cudaMemcpyAsync(state_.data(), &state, sizeof state, cudaMemcpyHostToDevice, stream_),
        "copy to the GPU");
  launch_or_replay();
  check(cudaMemcpyAsync(logits_.data(), device_logits_.data(), logits_.size() * sizeof(float),
                        cudaMemcpyDeviceToHost, stream_),
        "copy of logits");
  check(cudaMemcpyAsync(&host_pple_, pple_.data(), sizeof host_pple_, cudaMemcpyDeviceToHost, stream_),
        "copy of a PPLE");
  stream_.wait();
  throw_if_bad();
  if (observer_ != nullptr) tell();
  ++position_;
  ++steps_;
  return logits_;
}

void Decoder::reset() {
  cache_.clear();
  position_ = 0;
}

double Decoder::pple() const {
  if (std::isnan(host_pple_)) throw sim::Error(sim::Exit::input, "a logit is not a finite number");
  return host_pple_;
}

double Decoder::kl_from(const float* reference) const {
  const DeviceArray<float> p(logits_.size());
  const DeviceArray<double> result(1);
  double kl = 0;
  check(cudaMemcpyAsync(p.data(), reference, logits_.size() * sizeof(float), cudaMemcpyHostToDevice, stream_),
        "copy to the GPU");
  kl_divergence(p.data(), device_logits_.data(), shape_.vocab, result.data(), stream_);
  check(cudaMemcpyAsync(&kl, result.data(), sizeof kl, cudaMemcpyDeviceToHost, stream_), "copy of a KL");
  stream_.wait();
  if (std::isnan(kl)) throw sim::Error(sim::Exit::input, "a logit is not a finite number");
  return kl;
}

void Decoder::prepare_observation() {
  if (spans_.empty() && op_times_every_ != 0) {
    for (Product& p : products_) p.span = std::make_unique<TimedSpan>();
    for (unsigned l = 0; l < shape_.layers; ++l) spans_.push_back(std::make_unique<AttendSpans>());
  }
  if (quantised_ == nullptr || sums_.size() != 0) return;
  sums_ = DeviceArray<std::int32_t>(host_sums_.size());
  host_codes_.resize(codes_.size());
  host_scales_.resize(scales_.size());
}

void Decoder::tell() {
  const auto fetch = [](auto& host, const auto& device) {
    check(cudaMemcpy(host.data(), device.data(), host.size() * sizeof(host[0]), cudaMemcpyDeviceToHost),
          "copy from the GPU");
  };
  if (quantised_ != nullptr) {
    fetch(host_codes_, codes_);
    fetch(host_scales_, scales_);
    fetch(host_sums_, sums_);
  }
  for (std::size_t i = 0; i < products_.size(); ++i) {
    const Product& p = products_[i];
    const WeightCodes& w = weights_.matrix(p.layer, p.matrix).codes;
    GemvReport r;
    r.layer = p.layer;
    r.matrix = p.matrix;
    r.rows = w.rows;
    r.cols = w.cols;
    r.weight_bits = p.bits;
    if (timed_) r.time_ns = ns_between(p.span->begin, p.span->end);
    if (quantised_ != nullptr) {
      r.activation = host_codes_.data() + p.code_offset;
      r.activation_scale = host_scales_[i];
      r.sums = host_sums_.data() + p.sum_offset;
      r.sum_count = p.sum_count;
    }
    observer_->on_gemv(r);
    if (p.matrix != MatrixKind::qkv_proj) continue;
    observer_->on_kv_append(p.layer, cache_.append_report(p.layer));
    KvAttendReport a = cache_.attend_report(p.layer);
    if (timed_) {
      const AttendSpans& s = *spans_[p.layer];
      if (a.code_bytes > 0) a.lut_ns = ns_between(s.table.begin, s.table.end);
      a.attend_ns = ns_between(s.attend.begin, s.attend.end);
      a.reduce_ns = ns_between(s.merge.begin, s.merge.end);
    }
    observer_->on_kv_attend(p.layer, a);
  }
}

}  // namespace workload::cuda
