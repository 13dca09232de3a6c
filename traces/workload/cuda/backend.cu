// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstdio>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/cuda/decoder.h"

namespace workload::cuda {

bool built() { return true; }

std::string device_name() {
  require_device();
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "reading the device's properties");
  return properties.name;
}

namespace {

void require_supported(const ModelShape& shape, const DecoderSettings& settings) {
  const auto refuse = [](const std::string& what) {
    throw sim::Error(sim::Exit::usage, "--backend cuda: " + what);
  };
  if (shape.head_dim > 256)
    refuse("a head dimension of " + std::to_string(shape.head_dim) + "; at most 256 is supported");
  if (settings.kv != KvFormat::pq && settings.kv != KvFormat::f32 && settings.kv != KvFormat::fp16)
    refuse(std::string("--kv ") + name(settings.kv) + " is the host's alone; choose f32, fp16 or pq");
  if (settings.kv != KvFormat::pq) return;
  const unsigned sub_dim = settings.books->key.shape().sub_dim();
  if (sub_dim > 16)
    refuse("sub-vectors of " + std::to_string(sub_dim) + " elements; at most 16 are supported");
}

// What the decoder keeps for its whole life, as far as it grows with the model or the context.
void require_memory(const Weights& weights, const QuantisedOps* quantised, const DecoderSettings& settings) {
  const ModelShape& s = weights.shape;
  const double hidden = s.hidden;
  const double layer = hidden * (s.qkv_rows() + s.q_rows() + 3.0 * s.intermediate);
  const double head = hidden * s.vocab;
  double codes = 4;
  if (quantised != nullptr) codes = quantised->settings().int4 ? 1.5 : 1;
  const double of_weights = s.layers * layer * codes + head * (4 + (quantised != nullptr ? 1 : 4));
  double vector = s.head_dim * (settings.kv == KvFormat::f32 ? 4.0 : 2.0);
  if (settings.kv == KvFormat::pq) vector = 2.0 * settings.books->key.shape().sub_vectors;  // a code: 16 bits
  const double of_cache =
      settings.capacity * (2.0 * s.layers * s.kv_heads * vector + 4.0 * s.head_dim);  // and angles
  std::size_t free = 0;
  std::size_t all = 0;
  check(cudaMemGetInfo(&free, &all), "reading the free memory");
  if (of_weights + of_cache < static_cast<double>(free)) return;
  char text[256];
  std::snprintf(
      text, sizeof text,
      "--backend cuda: the weights take %.3g GB of the GPU's memory and a cache of %u tokens %.3g GB; "
      "%.3g GB are free. Choose a smaller model or context",
      of_weights * 1e-9, settings.capacity, of_cache * 1e-9, static_cast<double>(free) * 1e-9);
  throw sim::Error(sim::Exit::limit, text);
}

}  // namespace

std::unique_ptr<ForwardPass> make_decoder(const Weights& weights, const QuantisedOps* quantised,
                                          const DecoderSettings& settings) {
  require_device();
  require_supported(weights.shape, settings);
  require_memory(weights, quantised, settings);
  return std::make_unique<Decoder>(weights, quantised, settings);
}

double kv_bytes_per_token(const ModelShape& shape, const DecoderSettings& settings) {
  if (settings.kv == KvFormat::pq) return 2.0 * static_cast<double>(settings.books->key.shape().code_bytes());
  return 2.0 * shape.head_dim * (settings.kv == KvFormat::f32 ? 4 : 2);
}

}  // namespace workload::cuda
