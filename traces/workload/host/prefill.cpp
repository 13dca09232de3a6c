// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "traces/workload/host/clock.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/million/attention.h"
#include "traces/workload/model/prompt_pieces.h"
#include "traces/workload/model/seeded.h"

namespace workload {
namespace {

constexpr std::size_t kRowBlock = 64;  // tokens whose wide intermediate rows are held at a time

}  // namespace

// The prompt's rows, layer after layer. Queries live for a block only; keys and values for the layer.
struct Decoder::PrefillRows {
  std::size_t tokens;
  std::vector<float> x;          // [tokens][hidden], the residual stream
  std::vector<float> normed;     // [tokens][hidden]
  std::vector<float> qkv;        // [tokens][qkv_rows]
  std::vector<float> k, v;       // [tokens][kv_rows]
  std::vector<float> attended;   // [tokens][q_rows]
  std::vector<float> projected;  // [tokens][hidden]
};

void Decoder::prefill_attention(const PrefillRows& rows, float* out) const {
  const unsigned dim = shape_.head_dim;
  const unsigned shared = shape_.heads / shape_.kv_heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  // The last queries see most keys: tokens are dealt out so that every thread gets early and late ones alike.
  const std::size_t tokens = rows.tokens;
  const auto token_of = [tokens](std::size_t i) { return i % 2 == 0 ? i / 2 : tokens - 1 - i / 2; };
  parallel_(tokens, [&](std::size_t begin, std::size_t end) {
    std::vector<float> scores(million::kTileTokens);
    std::vector<float> acc(dim);
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t t = token_of(i);
      for (unsigned h = 0; h < shape_.heads; ++h) {
        const float* q = rows.qkv.data() + t * shape_.qkv_rows() + std::size_t{h} * dim;
        const std::size_t head = std::size_t{h / shared} * dim;
        million::Partial partial = million::empty_partial();
        std::fill(acc.begin(), acc.end(), 0.0F);
        for (std::size_t first = 0; first <= t; first += million::kTileTokens) {
          const std::size_t count = std::min<std::size_t>(million::kTileTokens, t + 1 - first);
          const std::size_t at = first * shape_.kv_rows() + head;
          million::plain_scores(q, rows.k.data() + at, shape_.kv_rows(), count, dim, scale, scores.data(),
                                kernels_.level());
          million::softmax_tile(partial, scores.data(), count, acc.data(), dim);
          million::plain_accumulate(rows.v.data() + at, shape_.kv_rows(), count, dim, scores.data(),
                                    acc.data(), kernels_.level());
        }
        million::merge(&partial, acc.data(), 1, dim, out + t * shape_.q_rows() + std::size_t{h} * dim);
      }
    }
  });
}

void Decoder::prefill_layer(unsigned l, PrefillRows& rows, PrefillReport& report) {
  const LayerWeights& layer = weights_.layers[l];
  const std::size_t hidden = shape_.hidden;
  const std::size_t kv = shape_.kv_rows();
  parallel_(rows.tokens, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      norm(rows.x.data() + t * hidden, layer.input_norm, rows.normed.data() + t * hidden);
    }
  });
  ops_.apply_block(l, MatrixKind::qkv_proj, rows.normed.data(), rows.tokens, rows.qkv.data());
  parallel_(rows.tokens, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      float* qkv = rows.qkv.data() + t * shape_.qkv_rows();
      rope_.turn(position_ + static_cast<unsigned>(t), shape_.heads + shape_.kv_heads, qkv);
      const float* k = qkv + shape_.q_rows();
      std::copy(k, k + kv, rows.k.begin() + static_cast<std::ptrdiff_t>(t * kv));
      std::copy(k + kv, k + 2 * kv, rows.v.begin() + static_cast<std::ptrdiff_t>(t * kv));
    }
  });
  const Stopwatch watch;
  prefill_attention(rows, rows.attended.data());
  report.blocks.push_back({l, report.tokens, report.tokens, true, watch.ns()});
  const KvAppendReport appended =
      cache_.append_prompt(l, static_cast<unsigned>(rows.tokens), rows.k.data(), rows.v.data());
  if (observer_ != nullptr) observer_->on_kv_append(l, appended);
  ops_.apply_block(l, MatrixKind::o_proj, rows.attended.data(), rows.tokens, rows.projected.data());
  for (std::size_t i = 0; i < rows.x.size(); ++i) rows.x[i] += rows.projected[i];
  prefill_mlp(l, rows);
}

void Decoder::prefill_mlp(unsigned l, PrefillRows& rows) {
  const LayerWeights& layer = weights_.layers[l];
  const std::size_t hidden = shape_.hidden;
  const std::size_t wide = shape_.intermediate;
  std::vector<float> gate_up(kRowBlock * 2 * wide);
  std::vector<float> active(kRowBlock * wide);
  for (std::size_t first = 0; first < rows.tokens; first += kRowBlock) {
    const std::size_t count = std::min(kRowBlock, rows.tokens - first);
    float* normed = rows.normed.data() + first * hidden;
    parallel_(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t t = begin; t < end; ++t) {
        norm(rows.x.data() + (first + t) * hidden, layer.post_norm, normed + t * hidden);
      }
    });
    ops_.apply_block(l, MatrixKind::gate_up_proj, normed, count, gate_up.data());
    parallel_(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t t = begin; t < end; ++t) {
        const float* gate = gate_up.data() + t * 2 * wide;
        swiglu(gate, gate + wide, wide, active.data() + t * wide);
      }
    });
    ops_.apply_block(l, MatrixKind::down_proj, active.data(), count, rows.projected.data() + first * hidden);
  }
  for (std::size_t i = 0; i < rows.x.size(); ++i) rows.x[i] += rows.projected[i];
}

void Decoder::prefill_logits(const PrefillRows& rows, const LogitsSink& sink) {
  const std::size_t hidden = shape_.hidden;
  const std::size_t begin = sink ? 0 : rows.tokens - 1;
  const std::size_t block =
      std::max<std::size_t>(1, std::min(kRowBlock, (std::size_t{1} << 22) / shape_.vocab));
  std::vector<float> normed(block * hidden);
  std::vector<float> logits(block * shape_.vocab);
  for (std::size_t first = begin; first < rows.tokens; first += block) {
    const std::size_t count = std::min(block, rows.tokens - first);
    for (std::size_t t = 0; t < count; ++t) {
      norm(rows.x.data() + (first + t) * hidden, weights_.final_norm, normed.data() + t * hidden);
    }
    ops_.apply_block(shape_.layers, MatrixKind::lm_head, normed.data(), count, logits.data());
    for (std::size_t t = 0; sink && t < count; ++t) {
      sink(static_cast<unsigned>(first + t), logits.data() + t * shape_.vocab);
    }
    const float* last = logits.data() + (count - 1) * shape_.vocab;
    std::copy(last, last + shape_.vocab, logits_.begin());
  }
}

const std::vector<float>& Decoder::prefill(const std::vector<std::uint32_t>& ids, const LogitsSink& sink) {
  if (ids.empty()) throw sim::Error(sim::Exit::input, "a prompt has at least one token");
  if (position_ != 0) throw sim::Error(sim::Exit::internal, "a prompt came in the middle of a sequence");
  require(ids.data(), ids.size());
  const Stopwatch watch;
  PrefillReport report;
  report.tokens = static_cast<unsigned>(ids.size());
  PrefillRows rows{};
  rows.tokens = ids.size();
  rows.x.resize(rows.tokens * shape_.hidden);
  rows.normed.resize(rows.x.size());
  rows.projected.resize(rows.x.size());
  rows.qkv.resize(rows.tokens * shape_.qkv_rows());
  rows.k.resize(rows.tokens * shape_.kv_rows());
  rows.v.resize(rows.k.size());
  rows.attended.resize(rows.tokens * shape_.q_rows());
  for (std::size_t t = 0; t < rows.tokens; ++t) {
    const float* row = weights_.embedding.row(ids[t]);
    std::copy(row, row + shape_.hidden, rows.x.begin() + static_cast<std::ptrdiff_t>(t * shape_.hidden));
  }
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
  std::vector<float> rows[2];
  for (auto& r : rows) r.resize(std::size_t{tokens} * shape_.kv_rows());
  for (unsigned l = 0; l < shape_.layers; ++l) {
    if (stop_ && stop_()) throw sim::Error(sim::Exit::limit, "stopped while filling the cache");
    for (const bool keys : {true, false}) {
      std::vector<float>& out = rows[keys ? 0 : 1];
      const std::uint64_t stream = kv_stream(seed, l, keys);
      parallel_(out.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) out[i] = seeded_normal(stream, i);
      });
    }
    KvAppendReport appended = cache_.append_prompt(l, tokens, rows[0].data(), rows[1].data());
    appended.code_digest = 0;  // no back end has one here
    if (observer_ != nullptr) observer_->on_kv_append(l, appended);
  }
  position_ = tokens;
  if (observer_ == nullptr) return;
  PrefillReport report;
  report.tokens = tokens;
  report.bytes_per_element = 2;
  for (unsigned l = 0; l < shape_.layers; ++l) {
    for (const PromptPiece& piece : prompt_pieces(tokens)) {
      report.blocks.push_back({l, piece.query_tokens, piece.kv_tokens, piece.causal, 0});
    }
  }
  observer_->on_prefill(report);
}

}  // namespace workload
