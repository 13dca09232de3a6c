// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Rules of what happens token by token.
#include <algorithm>
#include <cmath>

#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/io/validate_text.h"

namespace trace {
namespace {

// Entropies and what follows from them: there is no negative one.
bool sensible(double value) { return std::isfinite(value) && value >= 0; }

}  // namespace

void Validator::check(const Prefill& p) {
  check_before_token("Prefill");
  if (prefill_) wrong("Prefill: a second one");
  prefill_ = true;
  const Model& m = header_.model();
  if (p.tokens() == 0 || p.tokens() > m.context()) {
    wrong("Prefill: " + n(p.tokens()) + " tokens, outside 1 to the context of " + n(m.context()));
  }
  if (header_.prompt_ids_size() != 0 && static_cast<std::uint32_t>(header_.prompt_ids_size()) != p.tokens()) {
    wrong("Prefill: " + n(p.tokens()) + " tokens, the header has " + n(header_.prompt_ids_size()) +
          " prompt_ids");
  }
  if (p.layers() != m.layers() || p.heads() != m.heads() || p.kv_heads() != m.kv_heads() ||
      p.head_dim() != m.head_dim()) {
    wrong("Prefill: layers, heads, kv_heads or head_dim are not those of the header's model");
  }
  if (p.bytes_per_element() == 0) wrong("Prefill: bytes_per_element is 0");
  if (p.has_perplexity() && !sensible(p.perplexity())) wrong("Prefill: perplexity is negative or no number");
  for (const PrefillBlock& block : p.blocks()) {
    if (!check_layer("Prefill", block.layer())) break;
    if (block.query_tokens() == 0 || block.query_tokens() > p.tokens() || block.kv_tokens() > p.tokens()) {
      wrong("Prefill: a block of " + n(block.query_tokens()) + " query and " + n(block.kv_tokens()) +
            " kv tokens in a prompt of " + n(p.tokens()));
      break;
    }
    if (block.causal() && block.query_tokens() != block.kv_tokens()) {
      wrong("Prefill: a causal block of " + n(block.query_tokens()) + " query and " + n(block.kv_tokens()) +
            " kv tokens; the mask lies along the diagonal");
      break;
    }
  }
  if (header_.content().filled_cache() && (p.has_time_ns() || p.has_perplexity())) {
    wrong("Prefill: time_ns or perplexity of a prompt that was not computed (content.filled_cache)");
  }
}

void Validator::check(const Token& t) {
  check_content();
  const Model& m = header_.model();
  if (t.id() >= m.vocab() || t.input_id() >= m.vocab()) {
    wrong("Token: id " + n(t.id()) + " or input_id " + n(t.input_id()) + " is not below vocab " +
          n(m.vocab()));
  }
  if (t.position() >= m.context()) {
    wrong("Token: position " + n(t.position()) + " is not below the context of " + n(m.context()));
  }
  if (token_) {
    if (t.index() != token_->index + 1) {
      wrong("Token: index " + n(t.index()) + " follows " + n(token_->index));
    }
    if (t.position() != token_->position + 1) {
      wrong("Token: position " + n(t.position()) + " follows " + n(token_->position));
    }
    if (t.input_id() != token_->id) {
      wrong("Token: input_id " + n(t.input_id()) + ", the token before chose " + n(token_->id));
    }
  }
  if (t.layer_bits().size() != m.layers()) {
    wrong("Token: layer_bits has " + n(t.layer_bits().size()) + " entries, the model " + n(m.layers()) +
          " layers");
  }
  const std::string& precision = header_.precision();
  for (const char bits : t.layer_bits()) {
    const bool right = precision == "f32"    ? bits == 32
                       : precision == "int8" ? bits == 8
                       : precision == "int4" ? bits == 4
                                             : bits == 8 || bits == 4;
    if (right) continue;
    wrong("Token: layer_bits has " + n(static_cast<unsigned char>(bits)) + ", which precision " +
          printable(precision) + " has not");
    break;
  }
  if (!sensible(t.pple()) || !sensible(t.pple_smoothed()) || !sensible(t.running_perplexity())) {
    wrong("Token: pple, pple_smoothed or running_perplexity is negative, infinite or no number");
  }
  token_ = TokenState{t.index(), t.id(), t.position(), t.layer_bits()};
}

void Validator::check(const Gemv& g) {
  check_after_token("Gemv");
  if (!check_matrix("Gemv", g.layer(), g.matrix(), g.rows(), g.cols())) return;
  const std::string name = matrix_name(g.matrix()) + " of layer " + n(g.layer());
  if (g.weight_bits() != 4 && g.weight_bits() != 8 && g.weight_bits() != 32) {
    wrong("Gemv: " + n(g.weight_bits()) + " weight_bits, neither 4, 8 nor 32");
  } else if (token_ && g.layer() < token_->layer_bits.size() &&
             static_cast<unsigned char>(token_->layer_bits[g.layer()]) != g.weight_bits()) {
    wrong("Gemv: " + name + " ran with " + n(g.weight_bits()) + " bits, the Token says " +
          n(static_cast<unsigned char>(token_->layer_bits[g.layer()])));
  }
  const std::string& codes = g.activation_codes();
  if (!codes.empty() && codes.size() != g.cols()) {
    wrong("Gemv: " + n(codes.size()) + " activation_codes for " + n(g.cols()) + " cols");
  }
  const std::uint32_t stride = std::max(1u, header_.content().activation_stride());
  if (codes.empty() && header_.content().activations() && g.weight_bits() != 32 && token_ &&
      token_->index % stride == 0) {
    wrong("Gemv: no activation_codes, but the header's content.activations is set");
  }
  if (codes.find('\x80') != std::string::npos) wrong("Gemv: an activation code of -128; the least is -127");
  if (!sensible(g.activation_scale())) wrong("Gemv: activation_scale is negative, infinite or no number");
  if (header_.content().weights() && g.weight_bits() != 32 &&
      tensor_rows_.count({g.layer(), g.matrix()}) == 0) {
    wrong("Gemv: there is no Tensor of " + name + ", but the header's content.weights is set");
  }
  // Where there are both, digests may be of some matrices only.
  if (header_.content().tile_digests() && !header_.content().weights() && g.weight_bits() != 32 &&
      digests_.count({g.layer(), g.matrix()}) == 0) {
    wrong("Gemv: there is no TileDigest of " + name + ", but the header's content.tile_digests is set");
  }
}

void Validator::check(const KvAppend& a) {
  check_layer("KvAppend", a.layer());
  const std::uint32_t context = header_.model().context();
  if (a.appended_tokens() > context || a.encoded_tokens() > context || a.residual_tokens() > context) {
    wrong("KvAppend: more tokens than the context of " + n(context));
  }
  if (a.encoded_tokens() == 0 && (a.code_bytes() != 0 || a.code_digest() != 0)) {
    wrong("KvAppend: code_bytes or code_digest without encoded_tokens");
  }
}

void Validator::check(const KvAttend& a) {
  check_after_token("KvAttend");
  check_layer("KvAttend", a.layer());
  if (a.context_tokens() == 0 || a.context_tokens() > header_.model().context()) {
    wrong("KvAttend: context_tokens " + n(a.context_tokens()) + " is outside 1 to the context of " +
          n(header_.model().context()));
  }
  if (a.residual_tokens() > a.context_tokens()) {
    wrong("KvAttend: residual_tokens " + n(a.residual_tokens()) + " of context_tokens " +
          n(a.context_tokens()));
  }
  const bool pq = header_.kv().format() == "pq";
  if (pq && (a.sub_vectors() != header_.kv().sub_vectors() || a.code_bits() != header_.kv().code_bits())) {
    wrong("KvAttend: " + n(a.sub_vectors()) + " sub_vectors of " + n(a.code_bits()) +
          " bits, the header says " + n(header_.kv().sub_vectors()) + " of " + n(header_.kv().code_bits()));
  }
}

}  // namespace trace
