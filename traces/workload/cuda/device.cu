// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/graph.h"

namespace workload::cuda {

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  const std::string text = std::string("CUDA: ") + what + ": " + cudaGetErrorString(error);
  if (error == cudaErrorMemoryAllocation)
    throw sim::Error(sim::Exit::limit, text + "; choose a smaller model or context");
  throw sim::Error(sim::Exit::internal, text);
}

void require_device() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0)
    throw sim::Error(sim::Exit::usage, std::string("--backend cuda: no usable GPU (") +
                                           (error == cudaSuccess ? "none found" : cudaGetErrorString(error)) +
                                           "); use --backend host");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "reading the device's properties");
  if (properties.major < 9)
    throw sim::Error(sim::Exit::usage, std::string("--backend cuda: ") + properties.name +
                                           " has compute capability " + std::to_string(properties.major) +
                                           "." + std::to_string(properties.minor) +
                                           "; this program was built for 9.0 and above");
}

void* allocate(std::size_t bytes) {
  void* p = nullptr;
  if (bytes == 0) return p;
  const cudaError_t error = cudaMalloc(&p, bytes);
  if (error != cudaSuccess) {
    cudaGetLastError();  // not to be met again
    check(error, ("allocating " + std::to_string(bytes) + " bytes").c_str());
  }
  check(cudaMemset(p, 0xff, bytes), "filling memory");
  check(cudaStreamSynchronize(cudaStreamLegacy), "filling memory");  // our streams do not wait for that one
  return p;
}

void release(void* p) {
  if (p != nullptr) cudaFree(p);
}

Stream::Stream(bool low_priority) {
  int lowest = 0;
  int highest = 0;
  check(cudaDeviceGetStreamPriorityRange(&lowest, &highest), "reading stream priorities");
  check(cudaStreamCreateWithPriority(&stream_, cudaStreamNonBlocking, low_priority ? lowest : highest),
        "making a stream");
}

Graph::Graph(const Stream& stream, const std::function<void()>& record) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a graph");
  cudaGraph_t graph = nullptr;
  try {
    record();
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    throw;
  }
  check(cudaStreamEndCapture(stream, &graph), "recording a graph");
  const cudaError_t made = cudaGraphInstantiate(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  check(made, "making a graph");
}

Graph::~Graph() {
  if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
}

std::uint64_t ns_between(const Event& begin, const Event& end) {
  float ms = 0;
  check(cudaEventElapsedTime(&ms, begin, end), "reading a time");
  return static_cast<std::uint64_t>(static_cast<double>(ms) * 1e6 + 0.5);
}

}  // namespace workload::cuda
