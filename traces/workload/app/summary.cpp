// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/summary.h"

#include <cstdio>
#include <ostream>

namespace workload {
namespace {

template <class... Values>
void line(std::ostream& out, const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  out << text << "\n";
}

}  // namespace

void Summary::add(const ModelShape& s, const std::vector<std::uint8_t>& layer_bits) {
  const double hidden = s.hidden;
  const double layer = hidden * (s.qkv_rows() + s.q_rows() + 3.0 * s.intermediate);
  for (const std::uint8_t bits : layer_bits) {
    weights_read += layer;
    if (bits == 4) weights_at_int4 += layer;
  }
  weights_read += hidden * s.vocab;
}

void Summary::print(std::ostream& out, const RunOptions& options, const Weights& weights) const {
  const ModelShape& s = weights.shape;
  line(out, "model        %s, %.1f M parameters%s", s.name.c_str(), static_cast<double>(s.parameters()) / 1e6,
       weights.synthetic ? ", random weights" : "");
  line(out, "precision    %s, kv %s", name(options.precision), name(options.kv));
  const double prefill = static_cast<double>(prefill_ns) * 1e-9;
  if (filled_tokens > 0) {
    line(out, "cache        filled with seeded keys and values of %u tokens in %.3f s", filled_tokens,
         prefill);
  } else if (prompt_tokens > 1) {
    line(out, "prompt       %u tokens in %.3f s, perplexity %.4f", prompt_tokens, prefill, prompt_perplexity);
  } else {
    line(out, "prompt       %u token in %.3f s", prompt_tokens, prefill);
  }
  const double decode = static_cast<double>(decode_ns) * 1e-9;
  line(out, "decoded      %u tokens in %.3f s, %.1f tokens/s, perplexity of what was chosen %.4f", tokens,
       decode, decode > 0 ? tokens / decode : 0.0, perplexity);
  if (device_ns > 0 && tokens > 0) {
    line(out, "on the GPU   %.3f ms a token, without observing and choosing",
         static_cast<double>(device_ns) * 1e-6 / tokens);
  }
  if (options.precision == Precision::flexquant) {
    line(out, "INT4 share   f = %.4f of the weights read, speed-up over static INT8 bound 1/(1 - f/2) = %.3f",
         int4_share(), 1 / (1 - int4_share() / 2));
  }
}

}  // namespace workload
