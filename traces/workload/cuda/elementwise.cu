// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <string>

#include <cooperative_groups.h>

#include "sim/core/error.h"
#include "traces/workload/cuda/arithmetic.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

namespace workload::cuda {
namespace {

constexpr unsigned kThreads = 1024;
constexpr std::size_t kMostShared = 200 * 1024;

__global__ void embed_kernel(const float* embedding, const std::uint32_t* ids, unsigned hidden, float* x) {
  const float* row = embedding + std::size_t{ids[blockIdx.x]} * hidden;
  for (unsigned i = threadIdx.x; i < hidden; i += blockDim.x)
    x[std::size_t{blockIdx.x} * hidden + i] = row[i];
}

// What all activations end with: values[size] of a token in shared memory, written as rows and codes.
__device__ void finish(const float* values, unsigned size, const ActivationOut& out) {
  __shared__ float largest_of_warp[kThreads / 32];
  const std::size_t token = blockIdx.x;
  float largest = 0;
  bool finite = true;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) {
    const float x = values[i];
    finite = finite && isfinite(x);
    largest = fmaxf(largest, fabsf(x));
    if (out.rows != nullptr) out.rows[token * size + i] = x;
  }
  if (!finite) *out.bad = 1;
  if (out.codes.codes == nullptr) return;
  for (unsigned step = 16; step > 0; step /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, step));
  if (threadIdx.x % 32 == 0) largest_of_warp[threadIdx.x / 32] = largest;
  __syncthreads();
  largest = 0;
  for (const float x : largest_of_warp) largest = fmaxf(largest, x);
  const float scale = largest / 127.0F;
  std::int8_t* codes = out.codes.codes + token * out.codes.padded;
  for (unsigned i = threadIdx.x; i < out.codes.padded; i += kThreads) {
    constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds half to even
    const float code = i < size && scale > 0 ? (values[i] / scale + kRound) - kRound : 0.0F;
    codes[i] = static_cast<std::int8_t>(fminf(fmaxf(code, -127.0F), 127.0F));
  }
  if (threadIdx.x == 0) out.codes.scales[token] = scale;
}

__global__ void __launch_bounds__(kThreads)
    norm_kernel(const float* x, const float* weight, unsigned size, float eps, ActivationOut out) {
  extern __shared__ float values[];
  __shared__ float factor;
  x += std::size_t{blockIdx.x} * size;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) values[i] = x[i];
  __syncthreads();
  if (threadIdx.x < 32) {
    const float sum = dot16(values, values, size);
    if (threadIdx.x == 0) factor = 1.0F / sqrtf(sum / static_cast<float>(size) + eps);
  }
  __syncthreads();
  for (unsigned i = threadIdx.x; i < size; i += kThreads) values[i] = values[i] * factor * weight[i];
  __syncthreads();
  finish(values, size, out);
}

// Rows that need no sum are shared by a cluster of blocks, which tell one another their largest magnitudes.
constexpr unsigned kCluster = 8;
constexpr unsigned kPartThreads = 256;
constexpr unsigned kPartMost = 8;  // elements of a thread

template <class Value>
__device__ void quantise_in_cluster(const Value& value, unsigned size, const ActivationOut& out) {
  namespace cg = cooperative_groups;
  __shared__ float largest_of_warp[kPartThreads / 32];
  __shared__ float largest_of_block;
  const cg::cluster_group cluster = cg::this_cluster();
  const std::size_t token = blockIdx.x / kCluster;
  const unsigned first = blockIdx.x % kCluster * kPartThreads + threadIdx.x;
  float values[kPartMost];
  float largest = 0;
  bool finite = true;
#pragma unroll
  for (unsigned k = 0; k < kPartMost; ++k) {
    const unsigned i = first + k * kCluster * kPartThreads;
    values[k] = i < size ? value(token, i) : 0.0F;
    finite = finite && isfinite(values[k]);
    largest = fmaxf(largest, fabsf(values[k]));
    if (i < size && out.rows != nullptr) out.rows[token * size + i] = values[k];
  }
  if (!finite) *out.bad = 1;
  if (out.codes.codes == nullptr) return;  // all blocks alike
  for (unsigned step = 16; step > 0; step /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, step));
  if (threadIdx.x % 32 == 0) largest_of_warp[threadIdx.x / 32] = largest;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (const float x : largest_of_warp) largest = fmaxf(largest, x);
    largest_of_block = largest;
  }
  cluster.sync();
  largest = 0;
  for (unsigned block = 0; block < kCluster; ++block)
    largest = fmaxf(largest, *cluster.map_shared_rank(&largest_of_block, block));
  cluster.sync();  // nobody leaves while it is read
  const float scale = largest / 127.0F;
  std::int8_t* codes = out.codes.codes + token * out.codes.padded;
#pragma unroll
  for (unsigned k = 0; k < kPartMost; ++k) {
    const unsigned i = first + k * kCluster * kPartThreads;
    constexpr float kRound = 12582912.0F;  // as in finish()
    const float code = i < size && scale > 0 ? (values[k] / scale + kRound) - kRound : 0.0F;
    if (i < out.codes.padded) codes[i] = static_cast<std::int8_t>(fminf(fmaxf(code, -127.0F), 127.0F));
  }
  if (first == 0) out.codes.scales[token] = scale;
}

__global__ void __cluster_dims__(kCluster) __launch_bounds__(kPartThreads)
    swiglu_kernel(const float* gate_up, unsigned size, ActivationOut out) {
  const auto value = [&](std::size_t token, unsigned i) {
    const float g = gate_up[token * 2 * size + i];
    return g / (1.0F + exp_like_host(fminf(-g, 87.0F))) * gate_up[token * 2 * size + size + i];
  };
  quantise_in_cluster(value, size, out);
}

__global__ void __cluster_dims__(kCluster) __launch_bounds__(kPartThreads)
    quantise_kernel(const float* x, unsigned size, ActivationOut out) {
  quantise_in_cluster([&](std::size_t token, unsigned i) { return x[token * size + i]; }, size, out);
}

void require_part(unsigned size) {
  constexpr unsigned kMost = kCluster * kPartThreads * kPartMost - 32;  // and what pads it
  if (size > kMost)
    throw sim::Error(sim::Exit::usage, "--backend cuda: rows of " + std::to_string(size) +
                                           " activations; at most " + std::to_string(kMost) +
                                           " are supported");
}

std::size_t shared_bytes(unsigned size, const void* kernel) {
  const std::size_t bytes = std::size_t{size} * sizeof(float);
  if (bytes > kMostShared)
    throw sim::Error(sim::Exit::usage, "--backend cuda: rows of " + std::to_string(size) +
                                           " activations; at most " +
                                           std::to_string(kMostShared / sizeof(float)) + " are supported");
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "shared memory");
  return bytes;
}

template <class Element>
__device__ Element stored(float x);
template <>
__device__ float stored<float>(float x) {
  return x;
}
template <>
__device__ __half stored<__half>(float x) {
  return to_half_saturated(x);
}

// One block a head of a token: query heads, key heads, value heads.
template <class Element>
__global__ void rope_append_kernel(AppendIn in, Element* keys, Element* values, unsigned capacity,
                                   unsigned slot) {
  const unsigned head = blockIdx.x;
  const unsigned token = blockIdx.y;
  const unsigned half = in.dim / 2;
  if (in.step != nullptr) {
    in.position = in.step->position;
    slot = in.step->rows - 1;
  }
  float* x = in.qkv + (std::size_t{token} * (in.heads + 2 * in.kv_heads) + head) * in.dim;
  if (head < in.heads + in.kv_heads) {
    const float2* angles = in.sin_cos + std::size_t{in.position + token} * half;
    for (unsigned i = threadIdx.x; i < half; i += blockDim.x) {
      const float2 a = angles[i];
      const float low = x[i];
      const float high = x[i + half];
      const float turned = low * a.x - high * a.y;
      x[i + half] = high * a.x + low * a.y;
      x[i] = turned;
    }
    __syncthreads();
  }
  if (head < in.heads || keys == nullptr) return;
  const bool key = head < in.heads + in.kv_heads;
  const unsigned kv_head = head - in.heads - (key ? 0 : in.kv_heads);
  Element* out = (key ? keys : values) + (std::size_t{kv_head} * capacity + slot + token) * in.dim;
  for (unsigned i = threadIdx.x; i < in.dim; i += blockDim.x) {
    if (!isfinite(x[i])) *in.bad = 1;
    out[i] = stored<Element>(x[i]);
  }
}

__device__ inline std::uint64_t split_mix_like_host(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// workload::seeded_normal.
template <class Element>
__global__ void fill_rows_kernel(std::uint64_t numbers, unsigned kv_heads, unsigned dim, Element* rows,
                                 unsigned capacity) {
  const unsigned token = blockIdx.x;
  const unsigned head = blockIdx.y;
  Element* row = rows + (std::size_t{head} * capacity + token) * dim;
  for (unsigned d = threadIdx.x; d < dim; d += blockDim.x) {
    const std::uint64_t index = (std::uint64_t{token} * kv_heads + head) * dim + d;
    const std::uint64_t x = split_mix_like_host(numbers ^ split_mix_like_host(index));
    const auto sum =
        static_cast<std::int64_t>((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
    row[d] = stored<Element>(static_cast<float>(sum - 131070) / 37837.2F);
  }
}

}  // namespace

template <class Element>
void fill_rows(std::uint64_t numbers, unsigned tokens, unsigned kv_heads, unsigned dim, Element* rows,
               unsigned capacity, cudaStream_t stream) {
  fill_rows_kernel<Element>
      <<<dim3(tokens, kv_heads), 128, 0, stream>>>(numbers, kv_heads, dim, rows, capacity);
  check_launch("fill_rows");
}
template void fill_rows<float>(std::uint64_t, unsigned, unsigned, unsigned, float*, unsigned, cudaStream_t);
template void fill_rows<__half>(std::uint64_t, unsigned, unsigned, unsigned, __half*, unsigned, cudaStream_t);

void embed(const float* embedding, const std::uint32_t* ids, unsigned tokens, unsigned hidden, float* x,
           cudaStream_t stream) {
  embed_kernel<<<tokens, 256, 0, stream>>>(embedding, ids, hidden, x);
  check_launch("embed");
}

void norm(const float* x, const float* weight, unsigned tokens, unsigned size, float eps,
          const ActivationOut& out, cudaStream_t stream) {
  norm_kernel<<<tokens, kThreads, shared_bytes(size, reinterpret_cast<const void*>(norm_kernel)), stream>>>(
      x, weight, size, eps, out);
  check_launch("norm");
}

void swiglu(const float* gate_up, unsigned tokens, unsigned size, const ActivationOut& out,
            cudaStream_t stream) {
  require_part(size);
  swiglu_kernel<<<tokens * kCluster, kPartThreads, 0, stream>>>(gate_up, size, out);
  check_launch("swiglu");
}

void quantise(const float* x, unsigned tokens, unsigned size, const ActivationOut& out, cudaStream_t stream) {
  require_part(size);
  quantise_kernel<<<tokens * kCluster, kPartThreads, 0, stream>>>(x, size, out);
  check_launch("quantise");
}

template <class Element>
void rope_append(const AppendIn& in, Element* keys, Element* values, unsigned capacity, unsigned slot,
                 cudaStream_t stream) {
  const dim3 grid(in.heads + 2 * in.kv_heads, in.tokens);
  rope_append_kernel<Element><<<grid, 64, 0, stream>>>(in, keys, values, capacity, slot);
  check_launch("rope_append");
}
template void rope_append<float>(const AppendIn&, float*, float*, unsigned, unsigned, cudaStream_t);
template void rope_append<__half>(const AppendIn&, __half*, __half*, unsigned, unsigned, cudaStream_t);

}  // namespace workload::cuda
