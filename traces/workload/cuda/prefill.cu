// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "sim/core/error.h"
#include "traces/workload/cuda/decoder.h"
#include "traces/workload/cuda/prompt_pieces.cuh"
#include "traces/workload/host/clock.h"

namespace workload::cuda {
namespace {

constexpr unsigned kBlock = 64;  // tokens whose logits are held at a time

}  // namespace

// All tokens of the prompt at once.
struct Decoder::PromptRows {
  explicit PromptRows(const ModelShape& s, unsigned count, bool quantised)
      : tokens(count),
        x(std::size_t{count} * s.hidden),
        qkv(std::size_t{count} * s.qkv_rows()),
        attended(std::size_t{count} * s.q_rows()),
        gate_up(std::size_t{count} * 2 * s.intermediate) {
    const unsigned widest = std::max({s.hidden, s.q_rows(), s.intermediate});
    input = DeviceArray<float>(std::size_t{count} * widest);
    if (!quantised) return;
    codes = DeviceArray<std::int8_t>(std::size_t{count} * padded_cols(widest));
    scales = DeviceArray<float>(count);
  }
  // Where the next product's input of `cols` goes.
  ActivationOut out(unsigned cols, int* bad) {
    current.codes = codes.data();
    current.scales = scales.data();
    current.padded = padded_cols(cols);
    return {input.data(), codes.data() != nullptr ? current : Codes{}, bad};
  }

  unsigned tokens;
  DeviceArray<float> x, qkv, attended, gate_up, input;
  DeviceArray<std::int8_t> codes;
  DeviceArray<float> scales;
  Codes current;
};

void Decoder::multiply_block(unsigned layer, MatrixKind kind, const PromptRows& rows, float* y, bool add) {
  const DeviceMatrix& m = weights_.matrix(layer, kind);
  if (quantised_ == nullptr)
    gemm_f32(m.f32.data(), m.codes.rows, m.codes.cols, rows.input.data(), rows.tokens, y, add, stream_);
  else
    gemm_int8(m.codes, rows.current, rows.tokens, y, add, stream_);
}

void Decoder::prefill_layer(unsigned l, PromptRows& rows, PrefillReport& report) {
  const auto eps = static_cast<float>(shape_.norm_eps);
  int* const bad = bad_.data();
  TimedSpan span;
  norm(rows.x.data(), weights_.input_norms[l].data(), rows.tokens, shape_.hidden, eps,
       rows.out(shape_.hidden, bad), stream_);
  multiply_block(l, MatrixKind::qkv_proj, rows, rows.qkv.data(), false);
  const KvAppendReport appended =
      cache_.append_prompt(l, append_in(rows.qkv.data(), rows.tokens), observer_ != nullptr);
  span.begin.record(stream_);
  prompt_attention(rows.qkv.data(), rows.tokens, shape_.heads, shape_.kv_heads, shape_.head_dim,
                   rows.attended.data(), stream_);
  span.end.record(stream_);
  if (observer_ != nullptr) observer_->on_kv_append(l, appended);
  quantise(rows.attended.data(), rows.tokens, shape_.q_rows(), rows.out(shape_.q_rows(), bad), stream_);
  multiply_block(l, MatrixKind::o_proj, rows, rows.x.data(), true);
  norm(rows.x.data(), weights_.post_norms[l].data(), rows.tokens, shape_.hidden, eps,
       rows.out(shape_.hidden, bad), stream_);
  multiply_block(l, MatrixKind::gate_up_proj, rows, rows.gate_up.data(), false);
  swiglu(rows.gate_up.data(), rows.tokens, shape_.intermediate, rows.out(shape_.intermediate, bad), stream_);
  multiply_block(l, MatrixKind::down_proj, rows, rows.x.data(), true);
  stream_.wait();
  report.blocks.push_back({l, rows.tokens, rows.tokens, true, ns_between(span.begin, span.end)});
}

void Decoder::prefill_logits(PromptRows& rows, const LogitsSink& sink) {
  const auto eps = static_cast<float>(shape_.norm_eps);
  const unsigned begin = sink ? 0 : rows.tokens - 1;
  PromptRows some(shape_, std::min(kBlock, rows.tokens - begin), quantised_ != nullptr);
  const DeviceArray<float> logits(std::size_t{some.tokens} * shape_.vocab);
  std::vector<float> host(logits.size());
  for (unsigned first = begin; first < rows.tokens; first += kBlock) {
    some.tokens = std::min(kBlock, rows.tokens - first);
    norm(rows.x.at(std::size_t{first} * shape_.hidden), weights_.final_norm.data(), some.tokens,
         shape_.hidden, eps, some.out(shape_.hidden, bad_.data()), stream_);
    multiply_block(shape_.layers, MatrixKind::lm_head, some, logits.data(), false);
    stream_.wait();
    throw_if_bad();
    check(cudaMemcpy(host.data(), logits.data(), std::size_t{some.tokens} * shape_.vocab * sizeof(float),
                     cudaMemcpyDeviceToHost),
          "copy of logits");
    for (unsigned t = 0; sink && t < some.tokens; ++t)
      sink(first + t, host.data() + std::size_t{t} * shape_.vocab);
    const std::size_t at = std::size_t{some.tokens - 1} * shape_.vocab;
    check(cudaMemcpyAsync(device_logits_.data(), logits.at(at), shape_.vocab * sizeof(float),
                          cudaMemcpyDeviceToDevice, stream_),
          "copy of logits");
    const float* last = host.data() + std::size_t{some.tokens - 1} * shape_.vocab;
    std::copy(last, last + shape_.vocab, logits_.begin());
  }
  cuda::pple(device_logits_.data(), shape_.vocab, pple_.data(), stream_);
  check(cudaMemcpyAsync(&host_pple_, pple_.data(), sizeof host_pple_, cudaMemcpyDeviceToHost, stream_),
        "copy of a PPLE");
  stream_.wait();
}

const std::vector<float>& Decoder::prefill(const std::vector<std::uint32_t>& ids, const LogitsSink& sink) {
  if (ids.empty()) throw sim::Error(sim::Exit::input, "a prompt has at least one token");
  if (position_ != 0) throw sim::Error(sim::Exit::internal, "a prompt came in the middle of a sequence");
  require(ids.data(), ids.size());
  const Stopwatch watch;
  PrefillReport report;
  report.tokens = static_cast<unsigned>(ids.size());
  PromptRows rows(shape_, report.tokens, quantised_ != nullptr);
  const DeviceArray<std::uint32_t> device_ids(ids);
  embed(weights_.embedding.data(), device_ids.data(), report.tokens, shape_.hidden, rows.x.data(), stream_);
  for (unsigned l = 0; l < shape_.layers; ++l) {
    if (stop_ && stop_()) throw sim::Error(sim::Exit::limit, "stopped during the prefill");
    prefill_layer(l, rows, report);
  }
  prefill_logits(rows, sink);
  position_ = report.tokens;
  report.time_ns = watch.ns();
  if (observer_ != nullptr) observer_->on_prefill(report);
  return logits_;
}

void Decoder::fill(unsigned tokens, std::uint64_t seed) {
  if (tokens == 0) throw sim::Error(sim::Exit::input, "a cache is filled with at least one token");
  if (position_ != 0) throw sim::Error(sim::Exit::internal, "a prompt came in the middle of a sequence");
  require_room(tokens);
  for (unsigned l = 0; l < shape_.layers; ++l) {
    if (stop_ && stop_()) throw sim::Error(sim::Exit::limit, "stopped while filling the cache");
    const KvAppendReport appended = cache_.fill(l, tokens, seed);
    if (observer_ != nullptr) observer_->on_kv_append(l, appended);
  }
  position_ = tokens;
  if (observer_ == nullptr) return;
  PrefillReport report;
  report.tokens = tokens;
  report.bytes_per_element = 2;
  const std::vector<PromptPiece> pieces = prompt_pieces(tokens);
  PieceTimer timer(shape_, tokens, stream_);
  for (const PromptPiece& piece : pieces) timer.time(piece);  // loads the kernels
  for (unsigned l = 0; l < shape_.layers; ++l) {
    if (stop_ && stop_()) throw sim::Error(sim::Exit::limit, "stopped while measuring attention");
    for (const PromptPiece& piece : pieces)
      report.blocks.push_back({l, piece.query_tokens, piece.kv_tokens, piece.causal, timer.time(piece)});
  }
  observer_->on_prefill(report);
}

}  // namespace workload::cuda
