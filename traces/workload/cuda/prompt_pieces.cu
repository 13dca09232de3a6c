// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/core/error.h"
#include "traces/workload/cuda/fast_kernels.h"
#include "traces/workload/cuda/prompt_pieces.cuh"

namespace workload::cuda {
namespace {

constexpr unsigned kDim = 128;
constexpr unsigned kQueries = 128;  // of a block, 16 a warp
constexpr unsigned kTokens = 64;    // keys and values of a step
constexpr unsigned kThreads = 256;
constexpr unsigned kChunks = kDim / 8;  // of 16 bytes in a row
constexpr unsigned kTileBytes = kTokens * kDim * 2;
constexpr unsigned kSharedBytes = kQueries * kDim * 2 + 4 * kTileBytes;  // queries; keys, values twice

// Rows of 256 bytes; chunks of eight neighbouring rows lie in different banks.
__device__ inline unsigned place(unsigned row, unsigned chunk) {
  return row * kDim * 2 + ((chunk ^ (row & 7U)) * 16);
}

__device__ inline void copy_async(unsigned to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
}

// rows of `stride` elements into shared memory.
template <unsigned kRows>
__device__ inline void load_tile(unsigned to, const __half* from, std::size_t stride) {
#pragma unroll
  for (unsigned i = 0; i < kRows * kChunks / kThreads; ++i) {
    const unsigned at = threadIdx.x + i * kThreads;
    copy_async(to + place(at / kChunks, at % kChunks), from + at / kChunks * stride + at % kChunks * 8);
  }
}

__device__ inline void load_matrices(unsigned (&r)[4], unsigned from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(from));
}

__device__ inline void load_matrices_transposed(unsigned (&r)[4], unsigned from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(from));
}

__device__ inline void multiply(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ inline float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ inline unsigned pack(float low, float high) {
  const __half2 h = __floats2half2_rn(low, high);
  return *reinterpret_cast<const unsigned*>(&h);
}

// Over the four lanes that hold a row.
template <class Op>
__device__ inline float over_row(float x, const Op& op) {
  x = op(x, __shfl_xor_sync(0xffffffffU, x, 1));
  return op(x, __shfl_xor_sync(0xffffffffU, x, 2));
}

// One block: 128 queries of a head; it walks the keys in steps of 64, the next step on its way meanwhile.
template <bool kCausal>
__global__ void __launch_bounds__(kThreads, 1)
    piece_kernel(PieceIn in, unsigned queries, unsigned tokens, float scale, __half* out, float* lse) {
  extern __shared__ __align__(128) unsigned char shared[];
  const auto base = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const unsigned keys_at = base + kQueries * kDim * 2;
  const unsigned values_at = keys_at + 2 * kTileBytes;
  const unsigned head = blockIdx.y;
  const unsigned kv_head = head / (in.heads / in.kv_heads);
  const unsigned first = (gridDim.x - 1 - blockIdx.x) * kQueries;  // the longest walks begin first
  const std::size_t q_stride = std::size_t{in.heads} * kDim;
  const std::size_t kv_stride = std::size_t{in.kv_heads} * kDim;
  const __half* keys = in.k + std::size_t{kv_head} * kDim;
  const __half* values = in.v + std::size_t{kv_head} * kDim;
  const unsigned steps = (kCausal ? first + kQueries : tokens) / kTokens;
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;

  const auto load_step = [&](unsigned step) {
    const std::size_t at = std::size_t{step} * kTokens * kv_stride;
    load_tile<kTokens>(keys_at + step % 2 * kTileBytes, keys + at, kv_stride);
    load_tile<kTokens>(values_at + step % 2 * kTileBytes, values + at, kv_stride);
    asm volatile("cp.async.commit_group;");
  };
  load_tile<kQueries>(base, in.q + first * q_stride + std::size_t{head} * kDim, q_stride);
  load_step(0);

  unsigned q[8][4];
  float acc[16][4] = {};
  float max[2] = {-INFINITY, -INFINITY};
  float sum[2] = {};
  for (unsigned step = 0; step < steps; ++step) {
    asm volatile("cp.async.wait_group 0;");
    __syncthreads();
    if (step + 1 < steps) load_step(step + 1);
    if (step == 0) {
#pragma unroll
      for (unsigned k = 0; k < 8; ++k)
        load_matrices(q[k], base + place(warp * 16 + lane % 16, 2 * k + lane / 16));
    }
    const unsigned key_tile = keys_at + step % 2 * kTileBytes;
    const unsigned value_tile = values_at + step % 2 * kTileBytes;
    float s[8][4] = {};
#pragma unroll
    for (unsigned k = 0; k < 8; ++k) {
#pragma unroll
      for (unsigned n = 0; n < 4; ++n) {  // 16 keys each
        unsigned b[4];
        load_matrices(b, key_tile + place(n * 16 + lane % 8 + lane / 16 * 8, 2 * k + lane / 8 % 2));
        multiply(s[2 * n], q[k], b[0], b[1]);
        multiply(s[2 * n + 1], q[k], b[2], b[3]);
      }
    }
    if (kCausal && (step + 1) * kTokens > first) {
#pragma unroll
      for (unsigned n = 0; n < 8; ++n) {
#pragma unroll
        for (unsigned i = 0; i < 4; ++i) {
          const unsigned token = step * kTokens + n * 8 + lane % 4 * 2 + i % 2;
          const unsigned query = first + warp * 16 + lane / 4 + i / 2 * 8;
          if (token > query) s[n][i] = -INFINITY;
        }
      }
    }
#pragma unroll
    for (unsigned half = 0; half < 2; ++half) {
      float largest = max[half];
#pragma unroll
      for (unsigned n = 0; n < 8; ++n) largest = fmaxf(largest, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
      largest = over_row(largest, [](float a, float b) { return fmaxf(a, b); });
      const float factor = exp2_fast((max[half] - largest) * scale);  // 0 in the first step
      max[half] = largest;
      sum[half] *= factor;
#pragma unroll
      for (unsigned d = 0; d < 16; ++d) {
        acc[d][2 * half] *= factor;
        acc[d][2 * half + 1] *= factor;
      }
      const float offset = -largest * scale;
#pragma unroll
      for (unsigned n = 0; n < 8; ++n) {
        s[n][2 * half] = exp2_fast(fmaf(s[n][2 * half], scale, offset));
        s[n][2 * half + 1] = exp2_fast(fmaf(s[n][2 * half + 1], scale, offset));
        sum[half] += s[n][2 * half] + s[n][2 * half + 1];
      }
    }
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {  // 16 tokens each
      const unsigned p[4] = {pack(s[2 * k][0], s[2 * k][1]), pack(s[2 * k][2], s[2 * k][3]),
                             pack(s[2 * k + 1][0], s[2 * k + 1][1]), pack(s[2 * k + 1][2], s[2 * k + 1][3])};
#pragma unroll
      for (unsigned d = 0; d < 8; ++d) {
        unsigned b[4];
        load_matrices_transposed(b, value_tile + place(k * 16 + lane % 16, 2 * d + lane / 16));
        multiply(acc[2 * d], p, b[0], b[1]);
        multiply(acc[2 * d + 1], p, b[2], b[3]);
      }
    }
  }
#pragma unroll
  for (unsigned half = 0; half < 2; ++half) {
    const float total = over_row(sum[half], [](float a, float b) { return a + b; });
    const unsigned query = first + warp * 16 + lane / 4 + half * 8;
    const float inverse = 1.0F / total;
    __half* row = out + query * q_stride + std::size_t{head} * kDim + lane % 4 * 2;
#pragma unroll
    for (unsigned d = 0; d < 16; ++d)
      *reinterpret_cast<__half2*>(row + d * 8) =
          __floats2half2_rn(acc[d][2 * half] * inverse, acc[d][2 * half + 1] * inverse);
    if (lane % 4 == 0)
      lse[std::size_t{head} * queries + query] = (max[half] * scale + log2f(total)) * 0.693147180559945F;
  }
}

// The same, one query of a head a block, everything in f32.
constexpr unsigned kMostPlain = 512;  // tokens
__global__ void plain_kernel(PieceIn in, bool causal, unsigned tokens, float scale, float* out, float* lse) {
  __shared__ float scores[kMostPlain];
  const unsigned query = blockIdx.x;
  const unsigned head = blockIdx.y;
  const unsigned kv_head = head / (in.heads / in.kv_heads);
  const unsigned seen = causal ? query + 1 : tokens;
  const __half* q = in.q + (std::size_t{query} * in.heads + head) * kDim;
  for (unsigned t = threadIdx.x; t < seen; t += kDim) {
    const __half* k = in.k + (std::size_t{t} * in.kv_heads + kv_head) * kDim;
    float dot = 0;
    for (unsigned d = 0; d < kDim; ++d) dot += __half2float(q[d]) * __half2float(k[d]);
    scores[t] = dot * scale;
  }
  __syncthreads();
  float max = -INFINITY;
  for (unsigned t = 0; t < seen; ++t) max = fmaxf(max, scores[t]);
  float sum = 0;
  float acc = 0;
  for (unsigned t = 0; t < seen; ++t) {
    const float p = expf(scores[t] - max);
    sum += p;
    acc += p * __half2float(in.v[(std::size_t{t} * in.kv_heads + kv_head) * kDim + threadIdx.x]);
  }
  out[(std::size_t{query} * in.heads + head) * kDim + threadIdx.x] = acc / sum;
  if (threadIdx.x == 0) lse[std::size_t{head} * gridDim.x + query] = max + logf(sum);
}

template <class T>
std::vector<T> fetch(const DeviceArray<T>& from, std::size_t count) {
  std::vector<T> out(count);
  check(cudaMemcpy(out.data(), from.data(), count * sizeof(T), cudaMemcpyDeviceToHost), "copy from the GPU");
  return out;
}

}  // namespace

bool piece_is_supported(const PromptPiece& piece, unsigned head_dim) {
  return head_dim == kDim && piece.query_tokens % kQueries == 0 && piece.kv_tokens % kQueries == 0 &&
         piece.query_tokens > 0 && piece.kv_tokens > 0;
}

void piece_attention(const PieceIn& in, const PromptPiece& piece, __half* out, float* lse,
                     cudaStream_t stream) {
  const auto kernel = piece.causal ? piece_kernel<true> : piece_kernel<false>;
  check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes),
        "shared memory");
  const float scale = 1.44269504088896341F / std::sqrt(static_cast<float>(kDim));  // for powers of two
  kernel<<<dim3(piece.query_tokens / kQueries, in.heads), kThreads, kSharedBytes, stream>>>(
      in, piece.query_tokens, piece.kv_tokens, scale, out, lse);
  check_launch("piece_attention");
}

PieceTimer::PieceTimer(const ModelShape& shape, unsigned tokens, cudaStream_t stream)
    : shape_(shape), stream_(stream) {
  if (!piece_is_supported({kQueries, kQueries, true}, shape.head_dim)) return;
  tokens = std::max(tokens, kMostPlain);
  q_ = DeviceArray<__half>(std::size_t{tokens} * shape.q_rows());
  out_ = DeviceArray<__half>(q_.size());
  k_ = DeviceArray<__half>(std::size_t{tokens} * shape.kv_rows());
  v_ = DeviceArray<__half>(k_.size());
  lse_ = DeviceArray<float>(std::size_t{tokens} * shape.heads);
  fill_normal(q_.data(), q_.size(), 1, 31, stream);
  fill_normal(k_.data(), k_.size(), 1, 32, stream);
  fill_normal(v_.data(), v_.size(), 1, 33, stream);
  check();
}

void PieceTimer::check() {
  const PieceIn in{q_.data(), k_.data(), v_.data(), shape_.heads, shape_.kv_heads};
  const DeviceArray<float> want(std::size_t{kMostPlain} * shape_.q_rows());
  const DeviceArray<float> want_lse(std::size_t{kMostPlain} * shape_.heads);
  for (const PromptPiece& piece : {PromptPiece{512, 512, true}, PromptPiece{256, 512, false},
                                   PromptPiece{128, 128, true}, PromptPiece{384, 128, false}}) {
    cuda::check(cudaMemsetAsync(out_.data(), 0xff, out_.size() * sizeof(__half), stream_), "filling memory");
    cuda::check(cudaMemsetAsync(lse_.data(), 0xff, lse_.size() * sizeof(float), stream_), "filling memory");
    piece_attention(in, piece, out_.data(), lse_.data(), stream_);
    plain_kernel<<<dim3(piece.query_tokens, shape_.heads), kDim, 0, stream_>>>(
        in, piece.causal, piece.kv_tokens, 1.0F / std::sqrt(static_cast<float>(kDim)), want.data(),
        want_lse.data());
    check_launch("plain_kernel");
    cuda::check(cudaStreamSynchronize(stream_), "waiting for the GPU");
    const std::size_t rows = std::size_t{piece.query_tokens} * shape_.heads;
    const auto got = fetch(out_, rows * kDim);
    const auto got_lse = fetch(lse_, rows);
    const auto wanted = fetch(want, rows * kDim);
    const auto wanted_lse = fetch(want_lse, rows);
    double error = 0;
    double norm = 0;
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      error += std::pow(static_cast<double>(__half2float(got[i])) - wanted[i], 2);
      norm += std::pow(static_cast<double>(wanted[i]), 2);
    }
    for (std::size_t i = 0; i < rows; ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(got_lse[i]) - wanted_lse[i]));
    if (!(std::sqrt(error / norm) < 2e-3) || !(worst < 2e-3))  // fp16 probabilities and outputs; NaN fails
      throw sim::Error(sim::Exit::internal, "the attention of prompt pieces does not agree with a plain one");
  }
}

std::uint64_t PieceTimer::time(const PromptPiece& piece) {
  if (!piece_is_supported(piece, shape_.head_dim)) return 0;
  begin_.record(stream_);
  piece_attention({q_.data(), k_.data(), v_.data(), shape_.heads, shape_.kv_heads}, piece, out_.data(),
                  lse_.data(), stream_);
  end_.record(stream_);
  cuda::check(cudaStreamSynchronize(stream_), "waiting for the GPU");
  return ns_between(begin_, end_);
}

}  // namespace workload::cuda
