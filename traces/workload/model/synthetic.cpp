// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/synthetic.h"

#include <cmath>
#include <cstdio>

#include <unistd.h>

#include "sim/core/error.h"
#include "traces/workload/model/seeded.h"

namespace workload {
namespace {

class Generator {
 public:
  Generator(std::uint64_t seed, const ParallelFor& parallel) : seed_(seed), parallel_(parallel) {}

  void fill(Matrix& m, std::size_t rows, std::size_t cols) {
    const std::uint64_t stream = next();
    const float size = 1.0F / std::sqrt(static_cast<float>(cols));
    m = Matrix(rows, cols);
    parallel_(m.values.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) m.values[i] = size * seeded_normal(stream, i);
    });
  }
  void fill_norm(std::vector<float>& norm, std::size_t count) {
    const std::uint64_t stream = next();
    norm.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      norm[i] = 0.9F + 0.2F * static_cast<float>(split_mix(stream ^ split_mix(i)) >> 40) / 16777216.0F;
    }
  }

 private:
  std::uint64_t next() { return split_mix(seed_ ^ split_mix(++stream_ << 32)); }

  std::uint64_t seed_;
  const ParallelFor& parallel_;
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

Weights synthetic_weights(const ModelShape& shape, std::uint64_t seed, const ParallelFor& parallel) {
  check(shape, "shape " + shape.name);
  require_memory(shape);
  Generator random(seed, parallel);
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
