// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/shape.h"

#include <cmath>

#include "sim/core/error.h"

namespace workload {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Far above any model there is, and small enough that no product of two of them leaves 64 bits.
constexpr unsigned kMostLayers = 4096;
constexpr unsigned kMostSize = 1U << 20;  // hidden, intermediate
constexpr unsigned kMostHeads = 4096;     // and head_dim
constexpr unsigned kMostVocab = 1U << 24;
constexpr unsigned kMostContext = 1U << 27;

void in_range(const std::string& where, const char* what, unsigned value, unsigned most) {
  if (value == 0 || value > most) {
    throw sim::Error(sim::Exit::input, where + ": " + what + " is " + std::to_string(value) +
                                           ", must be 1 to " + std::to_string(most));
  }
}

}  // namespace

std::uint64_t ModelShape::parameters() const {
  const std::uint64_t h = hidden;
  const std::uint64_t layer = h * qkv_rows() + h * q_rows() + 3 * h * intermediate + 2 * h;
  return layers * layer + h * vocab * (tied_head ? 1 : 2) + h;
}

void check(const ModelShape& s, const std::string& where) {
  in_range(where, "num_hidden_layers", s.layers, kMostLayers);
  in_range(where, "hidden_size", s.hidden, kMostSize);
  in_range(where, "intermediate_size", s.intermediate, kMostSize);
  in_range(where, "num_attention_heads", s.heads, kMostHeads);
  in_range(where, "num_key_value_heads", s.kv_heads, kMostHeads);
  in_range(where, "head_dim", s.head_dim, kMostHeads);
  in_range(where, "vocab_size", s.vocab, kMostVocab);
  in_range(where, "max_position_embeddings", s.context, kMostContext);
  if (s.heads % s.kv_heads != 0) {
    throw sim::Error(sim::Exit::input, where + ": num_attention_heads (" + std::to_string(s.heads) +
                                           ") is no multiple of num_key_value_heads (" +
                                           std::to_string(s.kv_heads) + ")");
  }
  if (s.head_dim % 2 != 0) {
    throw sim::Error(sim::Exit::input, where + ": head_dim is " + std::to_string(s.head_dim) +
                                           "; the rotary embedding needs an even one");
  }
  if (!(s.rope_theta > 1) || !std::isfinite(s.rope_theta)) {
    throw sim::Error(sim::Exit::input, where + ": rope_theta must be above 1");
  }
  if (!(s.norm_eps > 0) || !(s.norm_eps < 1)) {
    throw sim::Error(sim::Exit::input, where + ": rms_norm_eps must be above 0 and below 1");
  }
}

std::vector<float> rope_frequencies(const ModelShape& s) {
  std::vector<float> frequencies(s.head_dim / 2);
  for (unsigned i = 0; i < frequencies.size(); ++i) {
    const float power = static_cast<float>(2 * i) / static_cast<float>(s.head_dim);
    const auto base = static_cast<float>(std::pow(s.rope_theta, static_cast<double>(power)));
    float f = 1.0F / base;
    if (s.rope_scaling.llama3) {
      // Wavelengths up to original / high are kept, those above original / low stretched, those between
      // blended.
      const RopeScaling& r = s.rope_scaling;
      const double wavelength = 2 * kPi / static_cast<double>(f);
      const double low = r.original_context / r.low_freq_factor;
      const double high = r.original_context / r.high_freq_factor;
      if (wavelength > low) {
        f = static_cast<float>(static_cast<double>(f) / r.factor);
      } else if (wavelength >= high) {
        const double blend =
            (r.original_context / wavelength - r.low_freq_factor) / (r.high_freq_factor - r.low_freq_factor);
        const auto whole = static_cast<double>(f);
        f = static_cast<float>((1 - blend) * whole / r.factor + blend * whole);
      }
    }
    frequencies[i] = f;
  }
  return frequencies;
}

ModelShape synthetic_shape(const std::string& name) {
  ModelShape s;
  s.name = name;
  if (name == "llama2-7b") {
    s.layers = 32;
    s.hidden = 4096;
    s.intermediate = 11008;
    s.heads = s.kv_heads = 32;
    s.head_dim = 128;
    s.vocab = 32000;
    s.context = 4096;
  } else if (name == "llama3.1-8b") {
    s.layers = 32;
    s.hidden = 4096;
    s.intermediate = 14336;
    s.heads = 32;
    s.kv_heads = 8;
    s.head_dim = 128;
    s.vocab = 128256;
    s.context = 131072;
    s.rope_theta = 500000;
    s.rope_scaling = {true, 8, 1, 4, 8192};
  } else if (name == "tiny") {
    s.layers = 2;
    s.hidden = 64;
    s.intermediate = 176;
    s.heads = 4;
    s.kv_heads = 2;
    s.head_dim = 16;
    s.vocab = 256;
    s.context = 2048;
  } else {
    throw sim::Error(sim::Exit::usage,
                     "there is no synthetic shape '" + name + "'; choose llama2-7b, llama3.1-8b or tiny");
  }
  return s;
}

}  // namespace workload
