// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/session.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/model/load.h"
#include "traces/workload/model/seeded.h"
#include "traces/workload/model/synthetic.h"
#include "traces/workload/numeric/float16.h"

namespace workload {
namespace {

Weights weights_of(const RunOptions& o, const ParallelFor& parallel) {
  if (o.synthetic.empty()) return load_weights(o.model);
  ModelShape shape = synthetic_shape(o.synthetic);
  // Random weights know no context; a filled cache may be as long as it is asked for.
  if (o.fill != 0) shape.context = std::max(shape.context, o.fill + o.tokens);
  return synthetic_weights(shape, o.seed, parallel);
}

million::Codebooks seeded_books(const million::PqShape& shape, std::uint64_t seed) {
  million::check(shape);
  const auto book = [&](bool keys) {
    std::vector<Float16> centroids(shape.elements());
    const std::uint64_t stream = split_mix(seed ^ split_mix(keys ? 0xb001 : 0xb002));
    for (std::size_t i = 0; i < centroids.size(); ++i) {
      centroids[i] = to_float16_saturated(seeded_normal(stream, i));
    }
    return million::Codebook(shape, std::move(centroids));
  };
  return {book(true), book(false)};
}

}  // namespace

Session::Session(const RunOptions& options)
    : options_(options),
      device_(options.cuda ? cuda::device_name() : ""),  // before the work that would be in vain
      pool_(options.threads),
      weights_(weights_of(options, pool_.parallel())) {
  load_calibration_if_needed();
}

void Session::load_calibration_if_needed() {
  const bool by_signal = options_.precision == Precision::flexquant && !options_.share;
  const bool pq = options_.kv == KvFormat::pq;
  const bool needed = by_signal || (pq && options_.fill == 0);
  if (pq && options_.fill != 0) {
    const unsigned dim = shape().head_dim;
    seeded_books_ = seeded_books(
        options_.pq_bits == 4 ? million::PqShape{dim, dim / 2, 8} : million::PqShape{dim, dim / 4, 12},
        options_.seed);
  }
  std::filesystem::path file = options_.calibration;
  if (file.empty() && !options_.model.empty()) {
    const auto beside = std::filesystem::path(options_.model) / "calibration.json";
    std::error_code error;
    if (std::filesystem::exists(beside, error) && needed) file = beside;
  }
  if (file.empty()) {
    if (!needed) return;
    const std::string what = by_signal ? "--precision flexquant" : "--kv pq";
    throw sim::Error(sim::Exit::usage,
                     what +
                         " needs a calibration: make one with `tricycle-workload calibrate` and give "
                         "--calibration FILE, or put it beside the model as calibration.json");
  }
  calibration_ = load_calibration(file);
  require_fit(*calibration_, weights_);
}

flexquant::Int4Format Session::int4_format() const {
  if (options_.int4 == "group") return flexquant::Int4Format::group;
  if (options_.int4 == "nested") return flexquant::Int4Format::nested;
  return calibration_ ? calibration_->int4 : flexquant::Int4Format::group;
}

const million::Codebooks* Session::books() const {
  if (options_.kv != KvFormat::pq) return nullptr;
  if (seeded_books_) return &*seeded_books_;
  const unsigned dim = shape().head_dim;
  return options_.pq_bits == 4 ? &calibration_->books(dim / 2, 8) : &calibration_->books(dim / 4, 12);
}

void Session::build(unsigned capacity) {
  const ModelShape& s = shape();
  if (options_.precision == Precision::f32) {
    if (!options_.cuda) f32_ = std::make_unique<F32Ops>(weights_, pool_.parallel(), options_.simd);
    bits_.assign(s.layers, 32);
  } else {
    QuantisedSettings settings;
    settings.int4 = options_.precision != Precision::int8;
    settings.format = int4_format();
    settings.group = calibration_ ? calibration_->group : flexquant::kDefaultGroup;
    settings.level = options_.simd;
    quantised_ = std::make_unique<QuantisedOps>(weights_, settings, pool_.parallel());
    bits_.assign(s.layers, options_.precision == Precision::int4 ? 4 : 8);
    quantised_->set_layer_bits(bits_);
  }
  if (options_.share) {
    for (unsigned l = 0; l < s.layers; ++l) share_order_.push_back(l);
    if (calibration_) share_order_ = calibration_->policy.layer_order;
  } else if (options_.precision == Precision::flexquant) {
    flexquant::PolicySettings settings = calibration_->policy;
    if (options_.hysteresis) settings.hysteresis = *options_.hysteresis;
    if (options_.window) settings.window = *options_.window;
    if (options_.no_way_back) settings.way_back = false;
    policy_.emplace(s.layers, settings);
  }
  build_decoder(capacity);
}

void Session::build_decoder(unsigned capacity) {
  const ModelShape& s = shape();
  const bool asynchronous = !options_.synchronous;
  if (options_.cuda) {
    cuda::DecoderSettings settings;
    settings.kv = options_.kv;
    settings.books = books();
    settings.capacity = capacity;
    settings.asynchronous = asynchronous;
    settings.graphs = options_.graphs;
    settings.op_times_every = options_.times ? options_.op_times : 0;
    decoder_ = cuda::make_decoder(weights_, quantised_.get(), settings);
    kv_bytes_per_token_ = cuda::kv_bytes_per_token(s, settings);
    return;
  }
  KvCacheSettings cache;
  cache.asynchronous = asynchronous;
  cache.level = options_.simd;
  cache_ = make_kv_cache(options_.kv, {s.layers, s.heads, s.kv_heads, s.head_dim, capacity}, books(),
                         pool_.parallel(), cache);
  kv_bytes_per_token_ = cache_->bytes_per_token();
  LinearOps& ops = f32_ ? static_cast<LinearOps&>(*f32_) : *quantised_;
  decoder_ = std::make_unique<Decoder>(weights_, ops, *cache_, pool_.parallel(), options_.simd);
}

void Session::decide(unsigned index) {
  pple_ = options_.fill != 0 && index == 0 ? 0 : decoder_->pple();
  if (options_.share) follow_share(index);
  if (!policy_) return;
  policy_->observe(pple_);
  bits_ = policy_->layer_bits();
  quantised_->set_layer_bits(bits_);
}

// Layers at INT4: none before token 0, all that the share gives from the middle of the run on.
void Session::follow_share(unsigned index) {
  const double part = std::min(1.0, 2.0 * index / options_.tokens);
  const auto count = static_cast<std::size_t>(std::lround(*options_.share * shape().layers * part));
  for (std::size_t i = 0; i < std::min(count, share_order_.size()); ++i) bits_[share_order_[i]] = 4;
  quantised_->set_layer_bits(bits_);
}

}  // namespace workload
