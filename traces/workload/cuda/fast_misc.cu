// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "traces/workload/cuda/fast_device.cuh"
#include "traces/workload/cuda/fast_kernels.h"

namespace workload::cuda {
namespace {

__global__ void read_kernel(const uint4* data, std::size_t count, int* sink) {
  unsigned x = 0;
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (; i + 7 * step < count; i += 8 * step) {
    uint4 v[8];
#pragma unroll
    for (unsigned k = 0; k < 8; ++k) v[k] = stream_load(data + i + k * step);
#pragma unroll
    for (unsigned k = 0; k < 8; ++k) x ^= v[k].x ^ v[k].y ^ v[k].z ^ v[k].w;
  }
  for (; i < count; i += step) x ^= data[i].x;
  if (x == 0x12345678U) *sink = 1;  // keeps the loads
}

__device__ inline std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

__global__ void random_kernel(std::uint64_t* data, std::size_t count, std::uint64_t seed) {
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step)
    data[i] = mix(seed * 0x9e3779b97f4a7c15U + i);
}

template <class T>
__global__ void normal_kernel(T* data, std::size_t count, float scale, std::uint64_t seed) {
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
    const std::uint64_t bits = mix(seed * 0x9e3779b97f4a7c15U + i);
    const float u = (static_cast<float>(bits >> 40) + 1) * 0x1p-24F;
    const float v = static_cast<float>(bits & 0xffffffU) * 0x1p-24F;
    data[i] = static_cast<T>(scale * sqrtf(-2 * logf(u)) * cospif(2 * v));
  }
}

// What a softmax is made of, over some of the logits: the largest, the sum of exp(x - max), the sum of
// exp(x - max) (x - max).
struct Softmax {
  float max, sum, weighted;
  __device__ void join(const Softmax& b) {
    const float most = fmaxf(max, b.max);
    if (most == -INFINITY) return;
    const float mine = max == -INFINITY ? 0 : __expf(max - most);
    const float other = b.max == -INFINITY ? 0 : __expf(b.max - most);
    weighted = mine * (weighted + (mine > 0 ? sum * (max - most) : 0)) +
               other * (b.weighted + (other > 0 ? b.sum * (b.max - most) : 0));
    sum = mine * sum + other * b.sum;
    max = most;
  }
};

constexpr unsigned kEntropyThreads = 1024;
constexpr unsigned kEntropyBatch = 8;

__global__ void __launch_bounds__(kEntropyThreads)
    entropy_kernel(const float* logits, unsigned size, float* result) {
  __shared__ Softmax parts[kEntropyThreads / 32];
  wait_for_others();
  Softmax all{-INFINITY, 0, 0};
  for (unsigned begin = threadIdx.x; begin < size; begin += kEntropyThreads * kEntropyBatch) {
    float x[kEntropyBatch];
    float max = -INFINITY;
#pragma unroll
    for (unsigned k = 0; k < kEntropyBatch; ++k) {
      const unsigned i = begin + k * kEntropyThreads;
      x[k] = i < size ? __ldcg(logits + i) : -INFINITY;
      max = fmaxf(max, x[k]);
    }
    Softmax some{max, 0, 0};
#pragma unroll
    for (unsigned k = 0; k < kEntropyBatch; ++k) {
      if (x[k] == -INFINITY) continue;
      const float e = __expf(x[k] - max);
      some.sum += e;
      some.weighted += e * (x[k] - max);
    }
    all.join(some);
  }
  const auto join_warp = [&] {
    for (unsigned step = 16; step > 0; step /= 2) {
      all.join({__shfl_xor_sync(kAllLanes, all.max, step), __shfl_xor_sync(kAllLanes, all.sum, step),
                __shfl_xor_sync(kAllLanes, all.weighted, step)});
    }
  };
  join_warp();
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = all;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  all = parts[threadIdx.x];
  join_warp();
  if (threadIdx.x != 0) return;
  const float h = logf(all.sum) - all.weighted / all.sum;  // -sum p ln p
  result[0] = h;
  result[1] = expf(h);
}

__global__ void begin_kernel(const float* embedding, const std::uint32_t* id, unsigned hidden, float* x,
                             unsigned* zeros, unsigned count) {
  let_next_begin();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < hidden) x[i] = embedding[std::size_t{*id} * hidden + i];
  if (i < count) zeros[i] = 0;
}

}  // namespace

void fast_begin(const float* embedding, const std::uint32_t* id, unsigned hidden, float* x, unsigned* zeros,
                unsigned count, cudaStream_t stream) {
  begin_kernel<<<(std::max(hidden, count) + 127) / 128, 128, 0, stream>>>(embedding, id, hidden, x, zeros,
                                                                          count);
  check_launch("fast_begin");
}

void read_all(const void* data, std::size_t bytes, int* sink, cudaStream_t stream) {
  read_kernel<<<132 * 8, 256, 0, stream>>>(static_cast<const uint4*>(data), bytes / 16, sink);
  check_launch("read_all");
}

void fill_random(void* data, std::size_t bytes, std::uint64_t seed, cudaStream_t stream) {
  random_kernel<<<1024, 256, 0, stream>>>(static_cast<std::uint64_t*>(data), bytes / 8, seed);
  check_launch("fill_random");
}

void fill_normal(__half* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream) {
  normal_kernel<<<1024, 256, 0, stream>>>(data, count, scale, seed);
  check_launch("fill_normal");
}

void fill_normal(float* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream) {
  normal_kernel<<<1024, 256, 0, stream>>>(data, count, scale, seed);
  check_launch("fill_normal");
}

void entropy(const float* logits, unsigned size, float* result, const FastLaunch& how) {
  launch_early(entropy_kernel, "entropy", dim3(1), kEntropyThreads, 0, how, logits, size, result);
}

}  // namespace workload::cuda
