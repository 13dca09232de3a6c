// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "sim/core/error.h"
#include "traces/workload/cuda/bench.h"

// Shared by the comparisons of fast kernels with those of the forward pass.
namespace workload::cuda {

// Numbers for checks: the same on every run.
class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : state_(seed) {}
  std::uint32_t bits() { return state_ = state_ * 1664525U + 1013904223U; }
  float value() { return static_cast<float>(static_cast<std::int32_t>(bits())) * 0x1p-31F; }  // -1 to 1
  std::vector<float> values(std::size_t count, float scale = 1) {
    std::vector<float> v(count);
    for (float& x : v) x = scale * value();
    return v;
  }

 private:
  std::uint32_t state_;
};

template <class T>
std::vector<T> to_host(const Stream& stream, const DeviceArray<T>& from) {
  std::vector<T> to(from.size());
  stream.wait();
  check(cudaMemcpy(to.data(), from.data(), to.size() * sizeof(T), cudaMemcpyDeviceToHost),
        "copy from the GPU");
  return to;
}

// ||got - want|| / ||want||, told and held against the bound. A NaN, which all memory begins as, never
// passes.
inline void compare(const Stream& stream, std::ostream& out, const std::string& what,
                    const DeviceArray<float>& want, const DeviceArray<float>& got, double bound) {
  const std::vector<float> a = to_host(stream, want);
  const std::vector<float> b = to_host(stream, got);
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += std::pow(static_cast<double>(a[i]) - b[i], 2);
    norm += std::pow(static_cast<double>(a[i]), 2);
  }
  error = std::sqrt(error / norm);
  Line(out, "check: " + what).add("relative_error", error);
  if (!(error < bound))
    throw sim::Error(sim::Exit::internal, what + " does not agree with the forward pass's kernel");
}

}  // namespace workload::cuda
