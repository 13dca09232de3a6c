// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/error.h"
#include "traces/workload/cuda/backend.h"

namespace workload::cuda {
namespace {

[[noreturn]] void refuse() {
  throw sim::Error(sim::Exit::usage,
                   "this program was built without CUDA (cmake -DTRICYCLE_CUDA=ON builds it in)");
}

}  // namespace

bool built() { return false; }
std::string device_name() { refuse(); }
std::unique_ptr<ForwardPass> make_decoder(const Weights&, const QuantisedOps*, const DecoderSettings&) {
  refuse();
}
double kv_bytes_per_token(const ModelShape&, const DecoderSettings&) { refuse(); }
void bench(const BenchOptions&, std::ostream&) { refuse(); }

}  // namespace workload::cuda
