// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/trace_emitter.h"

#include <cmath>
#include <cstring>

#include "traces/workload/numeric/fnv.h"

namespace workload {
namespace {

constexpr unsigned kTogether = 8;  // tokens that are handed over together

void set_if(bool times, std::uint64_t ns, trace::KvAttend& a, void (trace::KvAttend::*set)(std::uint64_t)) {
  if (times && ns != 0) (a.*set)(ns);
}

}  // namespace

TraceEmitter::TraceEmitter(trace::Writer& writer, WriteQueue& queue, const ModelShape& shape,
                           const EmitSettings& settings)
    : writer_(writer), queue_(queue), shape_(shape), settings_(settings), held_(std::make_shared<Held>()) {}

// A record of an earlier token; of the same kind most of the time.
trace::Record& TraceEmitter::Held::add() {
  if (count == records.size()) records.emplace_back();
  return records[count++];
}

// The first record of a token leaves room for the Token (or Prefill) in front of it.
trace::Record& TraceEmitter::next() {
  if (held_->count == held_->whole) held_->add();
  return held_->add();
}

void TraceEmitter::Held::write(trace::Writer& writer) {
  for (std::size_t i = 0; i < whole; ++i) writer.write(records[i]);
  count = whole = 0;
  tokens = 0;
}

void TraceEmitter::hand_over() {
  queue_.add([this, held = held_] {
    held->write(writer_);
    const std::lock_guard<std::mutex> lock(spare_mutex_);
    spare_.push_back(held);
  });
  const std::lock_guard<std::mutex> lock(spare_mutex_);
  if (spare_.empty()) {
    held_ = std::make_shared<Held>();
  } else {
    held_ = spare_.back();
    spare_.pop_back();
  }
}

void TraceEmitter::flush() {
  Held& h = *held_;
  h.count = h.whole;
  sums_.clear();
  sum_bytes_.clear();
  if (h.whole != 0) hand_over();
}

void TraceEmitter::digest_sums() {
  std::vector<Bytes> strings;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(sum_bytes_.bytes().data());
  for (const Sums& s : sums_) strings.push_back({bytes + s.begin, s.size});
  const auto digests = fnv1a_all(strings);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    held_->records[sums_[i].record].mutable_gemv()->set_result_digest(digests[i]);
  }
  sums_.clear();
  sum_bytes_.clear();
}

std::int32_t* TraceEmitter::room(std::size_t count) {
  room_ = reinterpret_cast<std::int32_t*>(sum_bytes_.add(count * sizeof(std::int32_t)));
  return room_;
}

void TraceEmitter::on_prefill(const PrefillReport& report) {
  Held& h = *held_;
  if (h.count == h.whole) h.add();
  trace::Prefill& p = *h.records[h.whole].mutable_prefill();
  p.Clear();
  p.set_tokens(report.tokens);
  p.set_layers(shape_.layers);
  p.set_heads(shape_.heads);
  p.set_kv_heads(shape_.kv_heads);
  p.set_head_dim(shape_.head_dim);
  p.set_bytes_per_element(report.bytes_per_element);
  p.set_kv_bytes_per_token(static_cast<std::uint32_t>(std::ceil(settings_.kv_bytes_per_token)));
  for (const PrefillBlock& b : report.blocks) {
    trace::PrefillBlock& block = *p.add_blocks();
    block.set_layer(b.layer);
    block.set_query_tokens(b.query_tokens);
    block.set_kv_tokens(b.kv_tokens);
    block.set_causal(b.causal);
    if (settings_.times && b.time_ns != 0) block.set_attention_ns(b.time_ns);
  }
  if (settings_.times && report.time_ns != 0) p.set_time_ns(report.time_ns);
  if (prompt_perplexity_ > 0) p.set_perplexity(prompt_perplexity_);
  h.whole = h.count;
  hand_over();
}

void TraceEmitter::on_gemv(const GemvReport& report) {
  trace::Gemv& g = *next().mutable_gemv();
  g.Clear();
  g.set_layer(report.layer);
  g.set_matrix(static_cast<trace::Matrix>(report.matrix));
  g.set_rows(static_cast<std::uint32_t>(report.rows));
  g.set_cols(static_cast<std::uint32_t>(report.cols));
  g.set_weight_bits(report.weight_bits);
  if (report.activation != nullptr) {
    const bool codes = settings_.activations != 0 && token_index_ % settings_.activations == 0;
    if (codes) g.set_activation_codes(report.activation, report.cols);
    g.set_activation_scale(report.activation_scale);
    const std::size_t size = report.sum_count * sizeof(std::int32_t);
    if (report.sums != room_) std::memcpy(room(report.sum_count), report.sums, size);
    sums_.push_back({held_->count - 1, sum_bytes_.size() - size, size});
    room_ = nullptr;
  }
  if (settings_.times && report.time_ns != 0) g.set_time_ns(report.time_ns);
}

void TraceEmitter::on_kv_append(unsigned layer, const KvAppendReport& report) {
  trace::KvAppend& a = *next().mutable_kv_append();
  a.Clear();
  a.set_layer(layer);
  a.set_appended_tokens(report.appended_tokens);
  a.set_encoded_tokens(report.encoded_tokens);
  a.set_residual_tokens(report.residual_tokens);
  a.set_code_bytes(report.code_bytes);
  a.set_plain_bytes(report.plain_bytes);
  a.set_code_digest(report.code_digest);
  if (settings_.times && report.time_ns != 0) a.set_time_ns(report.time_ns);
}

void TraceEmitter::on_kv_attend(unsigned layer, const KvAttendReport& report) {
  trace::KvAttend& a = *next().mutable_kv_attend();
  a.Clear();
  a.set_layer(layer);
  a.set_context_tokens(report.context_tokens);
  a.set_residual_tokens(report.residual_tokens);
  a.set_sub_vectors(report.sub_vectors);
  a.set_code_bits(report.code_bits);
  a.set_code_bytes(report.code_bytes);
  a.set_plain_bytes(report.plain_bytes);
  set_if(settings_.times, report.lut_ns, a, &trace::KvAttend::set_lut_ns);
  set_if(settings_.times, report.attend_ns, a, &trace::KvAttend::set_attend_ns);
  set_if(settings_.times, report.reduce_ns, a, &trace::KvAttend::set_reduce_ns);
}

void TraceEmitter::end_token(const TokenFacts& facts) {
  Held& h = *held_;
  if (h.count == h.whole) h.add();
  trace::Token& t = *h.records[h.whole].mutable_token();
  t.Clear();
  t.set_index(facts.index);
  t.set_id(facts.id);
  t.set_input_id(facts.input_id);
  t.set_position(facts.position);
  t.set_pple(facts.pple);
  t.set_pple_smoothed(facts.pple_smoothed);
  t.set_running_perplexity(facts.running_perplexity);
  t.set_layer_bits(facts.layer_bits->data(), facts.layer_bits->size());
  if (settings_.times) t.set_time_ns(facts.time_ns);
  digest_sums();
  h.whole = h.count;
  ++h.tokens;
  ++token_index_;
  if (h.tokens == kTogether) hand_over();
}

}  // namespace workload
