// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/synthetic.h"

#include <cmath>
#include <cstdio>

#include <unistd.h>

#include "sim/core/error.h"

namespace workload {
namespace {

std::uint64_t mix(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Sum of four 16-bit uniforms, centred: close to normal, within +-3.46 standard deviations, and the same bits
// on every machine (no logarithm, no cosine).
float unit(std::uint64_t stream, std::uint64_t index) {
  const std::uint64_t x = mix(stream ^ mix(index));
  const auto sum =
      static_cast<std::int64_t>((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
  constexpr float kDeviation = 37837.2F;  // of the sum: 65536 * sqrt(4 / 12)
  return static_cast<float>(sum - 131070) / kDeviation;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : seed_(seed) {}

  void fill(Matrix& m, std::size_t rows, std::size_t cols) {
    const std::uint64_t stream = next();
    const float size = 1.0F / std::sqrt(static_cast<float>(cols));
    m = Matrix(rows, cols);
    for (std::size_t i = 0; i < m.values.size(); ++i) m.values[i] = size * unit(stream, i);
  }
  void fill_norm(std::vector<float>& norm, std::size_t count) {
    const std::uint64_t stream = next();
    norm.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      norm[i] = 0.9F + 0.2F * static_cast<float>(mix(stream ^ mix(i)) >> 40) / 16777216.0F;
    }
  }

 private:
  std::uint64_t next() { return mix(seed_ ^ mix(++stream_ << 32)); }

  std::uint64_t seed_;
  std::uint64_t stream_ = 0;
};

void require_memory(const ModelShape& shape) {
  const double need = 4.0 * static_cast<double>(shape.parameters());
  const double have =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (need < 0.9 * have) return;
  char text[256];
  std::snprintf(
      text, sizeof text,
      "the weights of %s take %.1f GB as f32 and this machine has %.1f GB of memory; choose a smaller "
      "shape or a larger machine",
      shape.name.c_str(), need / 1e9, have / 1e9);
  throw sim::Error(sim::Exit::limit, text);
}

}  // namespace

Weights synthetic_weights(const ModelShape& shape, std::uint64_t seed) {
  check(shape, "shape " + shape.name);
  require_memory(shape);
  Generator random(seed);
  Weights w;
  w.shape = shape;
  w.synthetic = true;
  random.fill(w.embedding, shape.vocab, shape.hidden);
  // Rows of an embedding are looked up, not multiplied: unit size, so that the first norm has something to
  // do.
  for (float& v : w.embedding.values) v *= std::sqrt(static_cast<float>(shape.hidden));
  w.layers.resize(shape.layers);
  for (LayerWeights& layer : w.layers) {
    random.fill_norm(layer.input_norm, shape.hidden);
    random.fill(layer.qkv_proj, shape.qkv_rows(), shape.hidden);
    random.fill(layer.o_proj, shape.hidden, shape.q_rows());
    random.fill_norm(layer.post_norm, shape.hidden);
    random.fill(layer.gate_up_proj, 2 * std::size_t{shape.intermediate}, shape.hidden);
    random.fill(layer.down_proj, shape.hidden, shape.intermediate);
  }
  random.fill_norm(w.final_norm, shape.hidden);
  if (!shape.tied_head) random.fill(w.lm_head, shape.vocab, shape.hidden);
  w.digest = digest_of(w);
  return w;
}

}  // namespace workload
