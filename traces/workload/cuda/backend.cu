// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
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

std::unique_ptr<ForwardPass> make_decoder(const Weights& weights, const QuantisedOps* quantised,
                                          const DecoderSettings& settings) {
  require_device();
  return std::make_unique<Decoder>(weights, quantised, settings);
}

double kv_bytes_per_token(const ModelShape& shape, const DecoderSettings& settings) {
  if (settings.kv == KvFormat::pq) return 2.0 * static_cast<double>(settings.books->key.shape().code_bytes());
  return 2.0 * shape.head_dim * (settings.kv == KvFormat::f32 ? 4 : 2);
}

}  // namespace workload::cuda
