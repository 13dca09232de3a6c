// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstdio>
#include <fstream>

#include "traces/workload/app/session.h"
#include "traces/workload/app/verbs.h"

namespace workload {
namespace {

// "AMD EPYC 9004", as the processor calls itself.
std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

void fill(trace::Model& m, const Weights& w) {
  const ModelShape& s = w.shape;
  m.set_name(s.name);
  m.set_layers(s.layers);
  m.set_hidden(s.hidden);
  m.set_intermediate(s.intermediate);
  m.set_heads(s.heads);
  m.set_kv_heads(s.kv_heads);
  m.set_head_dim(s.head_dim);
  m.set_vocab(s.vocab);
  m.set_context(s.context);
  m.set_rope_theta(s.rope_theta);
  m.set_norm_eps(s.norm_eps);
  m.set_tied_head(s.tied_head);
  m.set_weights_digest(w.digest);
}

const char* format_name(KvFormat format) {
  switch (format) {
    case KvFormat::int4_token:
      return "int4";
    case KvFormat::int3_token:
      return "int3";
    default:
      return name(format);
  }
}

}  // namespace

trace::Header Session::header(const std::vector<std::uint32_t>& prompt, const std::string& sampling) const {
  trace::Header h;
  h.set_generator(generator_text());
  h.set_backend(options_.cuda ? "cuda" : "host");
  h.set_device(options_.cuda ? device_ : processor_name());
  h.set_seed(options_.seed);
  fill(*h.mutable_model(), weights_);
  const bool quantised = quantised_ != nullptr;
  trace::Content& c = *h.mutable_content();
  c.set_weights(quantised && options_.weights == WeightRecords::codes);
  c.set_tile_digests(quantised && options_.weights == WeightRecords::digest);
  c.set_activations(quantised && options_.activations != 0);
  c.set_activation_stride(quantised ? options_.activations : 0);
  c.set_results(quantised);
  c.set_measured_times(options_.times);
  c.set_encrypted(!options_.encrypt.empty());
  c.set_prefill(true);
  c.set_filled_cache(options_.fill != 0);
  if (options_.precision == Precision::flexquant) {
    h.mutable_flexquant()->set_int4(quantised_->settings().format == flexquant::Int4Format::nested
                                        ? tricycle::trace::INT4_NESTED
                                        : tricycle::trace::INT4_GROUP);
  }
  if (options_.share) {
    char text[32];
    std::snprintf(text, sizeof text, "share %.4g", *options_.share);
    h.mutable_flexquant()->set_schedule(text);
  }
  if (policy_) {
    const flexquant::PolicySettings& p = policy_->settings();
    trace::FlexQuant& f = *h.mutable_flexquant();
    for (const unsigned layer : p.layer_order) f.add_layer_order(layer);
    for (const double theta : p.thresholds) f.add_thresholds(theta);
    f.set_hysteresis(p.hysteresis);
    f.set_way_back(p.way_back);
    f.set_window(p.window);
  }
  trace::Kv& kv = *h.mutable_kv();
  kv.set_format(format_name(options_.kv));
  if (const million::Codebooks* b = books()) {
    kv.set_sub_vectors(b->key.shape().sub_vectors);
    kv.set_code_bits(b->key.shape().code_bits);
  } else if (options_.kv == KvFormat::int4 || options_.kv == KvFormat::int4_token) {
    kv.set_code_bits(4);
  } else if (options_.kv == KvFormat::int3 || options_.kv == KvFormat::int3_token) {
    kv.set_code_bits(3);
  }
  kv.set_keys_per_token(options_.kv == KvFormat::int4_token || options_.kv == KvFormat::int3_token);
  if (options_.kv != KvFormat::f32 && options_.kv != KvFormat::fp16) {
    kv.set_residual_tokens(kResidualTokens);
    kv.set_asynchronous(!options_.synchronous);
  }
  h.set_precision(name(options_.precision));
  for (const std::uint32_t id : prompt) h.add_prompt_ids(id);
  if (calibration_) h.set_calibration_digest(calibration_->digest);
  h.set_sampling(sampling);
  h.set_synthetic_weights(weights_.synthetic);
  return h;
}

}  // namespace workload
