// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "traces/workload/host/forward_pass.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/weights.h"

// The back end on a CUDA GPU. Every function but built() throws sim::Error (usage) where the program was
// built without CUDA or no usable GPU is there, and (limit) when the GPU's memory does not suffice.
namespace workload::cuda {

bool built();

// "NVIDIA H200", of the first device.
std::string device_name();

struct DecoderSettings {
  KvFormat kv = KvFormat::pq;                 // f32, fp16 or pq; the uniform formats are the host's alone
  const million::Codebooks* books = nullptr;  // of pq
  unsigned capacity = 0;                      // most tokens
  bool asynchronous = true;  // encode on a second stream of low priority; the same codes at the same tokens
  bool graphs = true;        // replay steps as CUDA graphs; the same results
  // Where there is an observer: steps whose products and attentions are timed one by one, every so many, the
  // first one included; 0: none. Events between kernels make such a step longer.
  unsigned op_times_every = 1;
};

// The forward pass on the GPU: the same operations in the same order as workload::Decoder, each rounded on
// its own, so that tokens, codes and integer sums are the host's. `quantised` gives the weights' codes and,
// before every step, the layers' precisions; null: f32. `weights`, `quantised` and books must outlive it.
// Times in its reports are those of CUDA events. A product's time is that of its kernel, from codes to scaled
// outputs: quantising the activation is part of the kernel in front of it.
std::unique_ptr<ForwardPass> make_decoder(const Weights& weights, const QuantisedOps* quantised,
                                          const DecoderSettings& settings);

// Of one token of one layer and kv head in the cache, key and value.
double kv_bytes_per_token(const ModelShape& shape, const DecoderSettings& settings);

struct BenchOptions {
  std::vector<std::string> shapes = {"llama2-7b"};
  std::vector<unsigned> contexts = {1024, 2048, 4096, 8192, 16384, 32768};
  std::vector<double> shares = {0.46};  // of the layers at INT4
  bool kernels = true;
  bool tokens = true;
};

// Times kernels and whole decode steps over seeded random weights and caches; one JSON object a line and
// measurement. Throws sim::Error (internal) when a fast kernel does not agree with the forward pass's.
void bench(const BenchOptions& options, std::ostream& out);

}  // namespace workload::cuda
