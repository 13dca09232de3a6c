// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

// flexquant/entropy.h on the device, in double precision; sums are added up as a tree, so that results differ
// from the host's in the last bits only. One block each.
namespace workload::cuda {
namespace {

constexpr unsigned kThreads = 1024;
constexpr unsigned kAll = 0xffffffffU;

// op over all threads of the block; every thread gets the result.
template <class Op>
__device__ double over_block(double x, const Op& op) {
  __shared__ double parts[kThreads / 32];
  for (unsigned step = 16; step > 0; step /= 2) x = op(x, __shfl_xor_sync(kAll, x, step));
  __syncthreads();  // whoever still reads the last ones
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = parts[threadIdx.x % 32];
  for (unsigned step = 16; step > 0; step /= 2) x = op(x, __shfl_xor_sync(kAll, x, step));
  return x;
}

struct Larger {  // what is no number stays
  __device__ double operator()(double a, double b) const { return a > b || isnan(a) ? a : b; }
};
struct Plus {
  __device__ double operator()(double a, double b) const { return a + b; }
};

struct Normaliser {
  double largest, log_sum;
  __device__ double log_p(float logit) const { return logit - largest - log_sum; }
};

__device__ Normaliser normaliser(const float* logits, unsigned size) {
  double largest = -INFINITY;
  bool finite = true;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) {
    finite = finite && isfinite(logits[i]);
    largest = fmax(largest, static_cast<double>(logits[i]));
  }
  largest = over_block(finite ? largest : static_cast<double>(NAN), Larger());
  double sum = 0;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) sum += exp(logits[i] - largest);
  return {largest, log(over_block(sum, Plus()))};
}

__global__ void __launch_bounds__(kThreads) pple_kernel(const float* logits, unsigned size, double* result) {
  const Normaliser z = normaliser(logits, size);
  double sum = 0;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) {
    const double log_p = z.log_p(logits[i]);
    sum -= exp(log_p) * log_p;
  }
  sum = over_block(sum, Plus());
  if (threadIdx.x == 0) *result = exp(sum < 0 ? 0 : sum);
}

__global__ void __launch_bounds__(kThreads)
    kl_kernel(const float* p_logits, const float* q_logits, unsigned size, double* result) {
  const Normaliser p = normaliser(p_logits, size);
  const Normaliser q = normaliser(q_logits, size);
  double sum = 0;
  for (unsigned i = threadIdx.x; i < size; i += kThreads) {
    const double log_p = p.log_p(p_logits[i]);
    sum += exp(log_p) * (log_p - q.log_p(q_logits[i]));
  }
  sum = over_block(sum, Plus());
  if (threadIdx.x == 0) *result = sum < 0 ? 0 : sum;
}

}  // namespace

void pple(const float* logits, unsigned size, double* result, cudaStream_t stream) {
  pple_kernel<<<1, kThreads, 0, stream>>>(logits, size, result);
  check_launch("pple");
}

void kl_divergence(const float* p_logits, const float* q_logits, unsigned size, double* result,
                   cudaStream_t stream) {
  kl_kernel<<<1, kThreads, 0, stream>>>(p_logits, q_logits, size, result);
  check_launch("kl_divergence");
}

}  // namespace workload::cuda
