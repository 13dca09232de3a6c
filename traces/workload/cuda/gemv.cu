// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/cuda/arithmetic.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

// Products of one vector of activation codes with weight codes. A warp walks kRows rows at a time in pieces
// of 16 bytes a lane; weights pass the nearest cache by, activations wait in shared memory.
namespace workload::cuda {
namespace {

constexpr unsigned kWarps = 8;
constexpr unsigned kThreads = 32 * kWarps;
constexpr unsigned kInt4Rows = 4;  // of a warp

__device__ inline int4 stream_load(const void* p) {
  int4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.s32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

__device__ inline std::int32_t warp_sum(std::int32_t x) { return __reduce_add_sync(0xffffffffU, x); }

__device__ inline void put(const GemvOut& out, unsigned row, float y) {
  out.y[row] = out.add ? out.y[row] + y : y;
}

// The first weights are on their way before the activations are waited for.
template <unsigned kRows, unsigned kBatch>
__global__ void __launch_bounds__(kThreads, 6) gemv_int8_kernel(WeightCodes w, Codes a, GemvOut out) {
  extern __shared__ int4 shared[];
  const unsigned pieces = w.int8_stride / 16;
  const unsigned lane = threadIdx.x % 32;
  const unsigned first = (blockIdx.x * kWarps + threadIdx.x / 32) * kRows;
  const std::int8_t* rows[kRows];
#pragma unroll
  for (unsigned r = 0; r < kRows; ++r)
    rows[r] = w.int8 + std::size_t{min(first + r, w.rows - 1)} * w.int8_stride;
  int4 codes[kBatch][kRows];
  const auto load = [&](unsigned begin) {
#pragma unroll
    for (unsigned k = 0; k < kBatch; ++k) {
      const unsigned piece = begin + 32 * k + lane;
#pragma unroll
      for (unsigned r = 0; r < kRows; ++r)
        codes[k][r] = piece < pieces ? stream_load(rows[r] + std::size_t{piece} * 16) : int4{0, 0, 0, 0};
    }
  };
  load(0);
  for (unsigned i = threadIdx.x; i < pieces; i += kThreads)
    shared[i] = reinterpret_cast<const int4*>(a.codes)[i];
  __syncthreads();
  std::int32_t sums[kRows] = {};
  for (unsigned begin = 0; begin < pieces; begin += 32 * kBatch) {
#pragma unroll
    for (unsigned k = 0; k < kBatch; ++k) {
      const int4 x = shared[min(begin + 32 * k + lane, pieces - 1)];
#pragma unroll
      for (unsigned r = 0; r < kRows; ++r) {
        sums[r] = __dp4a(codes[k][r].x, x.x, sums[r]);
        sums[r] = __dp4a(codes[k][r].y, x.y, sums[r]);
        sums[r] = __dp4a(codes[k][r].z, x.z, sums[r]);
        sums[r] = __dp4a(codes[k][r].w, x.w, sums[r]);
      }
    }
    if (begin + 32 * kBatch < pieces) load(begin + 32 * kBatch);
  }
  const float scale = *a.scales;
#pragma unroll
  for (unsigned r = 0; r < kRows; ++r) {
    const std::int32_t sum = warp_sum(sums[r]);
    if (lane != 0 || first + r >= w.rows) continue;
    if (out.sums != nullptr) out.sums[first + r] = sum;
    put(out, first + r, static_cast<float>(sum) * (w.int8_scales[first + r] * scale));
  }
}

// A piece is 32 columns, all of one group. kShare lanes share a group: 4, or 0 where a whole row is one. Four
// rows a warp.
template <unsigned kShare>
__global__ void __launch_bounds__(kThreads, 5) gemv_int4_kernel(WeightCodes w, Codes a, GemvOut out) {
  constexpr unsigned kRows = kInt4Rows;
  static_assert(kShare == 0 || kShare == kRows, "every lane of a group ends with one row's sum");
  extern __shared__ int4 shared[];
  const unsigned pieces = w.int4_stride / 16;
  int4* even = shared;  // activations of even columns, 16 a piece; then the odd ones
  int4* odd = shared + pieces;
  const unsigned groups = kShare == 0 ? 1 : (pieces + kShare - 1) / kShare;
  float* products = reinterpret_cast<float*>(shared + 2 * pieces);  // [kWarps * kRows][groups | 1]
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const unsigned first = (blockIdx.x * kWarps + warp) * kRows;
  const std::uint8_t* rows[kRows];
#pragma unroll
  for (unsigned r = 0; r < kRows; ++r)
    rows[r] = w.int4 + std::size_t{min(first + r, w.rows - 1)} * w.int4_stride;
  int4 codes[kRows];
  const auto load = [&](unsigned piece) {
#pragma unroll
    for (unsigned r = 0; r < kRows; ++r)
      codes[r] = piece < pieces ? stream_load(rows[r] + std::size_t{piece} * 16) : int4{0, 0, 0, 0};
  };
  // The group's sum of row first + mine ends up in this lane.
  const unsigned mine = lane % kRows;
  const unsigned my_row = min(first + mine, w.rows - 1);
  load(lane);
  for (unsigned i = threadIdx.x; i < 4 * pieces; i += kThreads) {
    const int2 x = reinterpret_cast<const int2*>(a.codes)[i];  // 8 columns
    reinterpret_cast<int*>(even)[i] = __byte_perm(x.x, x.y, 0x6420);
    reinterpret_cast<int*>(odd)[i] = __byte_perm(x.x, x.y, 0x7531);
  }
  __syncthreads();
  const float scale = *a.scales;
  std::int32_t total[kRows] = {};
  for (unsigned begin = 0; begin < pieces; begin += 32) {
    const unsigned piece = begin + lane;
    const bool inside = piece < pieces;
    const int4 e = inside ? even[piece] : int4{0, 0, 0, 0};
    const int4 o = inside ? odd[piece] : int4{0, 0, 0, 0};
    // Codes are taken as code + 8; what that adds is the same for all rows.
    constexpr int kEights = 0x08080808;
    int offset = __dp4a(e.x, kEights, __dp4a(e.y, kEights, __dp4a(e.z, kEights, __dp4a(e.w, kEights, 0))));
    offset = __dp4a(o.x, kEights, __dp4a(o.y, kEights, __dp4a(o.z, kEights, __dp4a(o.w, kEights, offset))));
    std::int32_t sums[kRows];
#pragma unroll
    for (unsigned r = 0; r < kRows; ++r) {
      constexpr unsigned kSigns = 0x88888888U;
      constexpr unsigned kLow = 0x0f0f0f0fU;
      const unsigned c[4] = {codes[r].x ^ kSigns, codes[r].y ^ kSigns, codes[r].z ^ kSigns,
                             codes[r].w ^ kSigns};
      const int es[4] = {e.x, e.y, e.z, e.w};
      const int os[4] = {o.x, o.y, o.z, o.w};
      std::int32_t sum = -offset;
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) {
        sum = __dp4a(static_cast<int>(c[k] & kLow), es[k], sum);
        sum = __dp4a(static_cast<int>((c[k] >> 4) & kLow), os[k], sum);
      }
      sums[r] = sum;
    }
    if (begin + 32 < pieces) load(piece + 32);
    if constexpr (kShare == 0) {
#pragma unroll
      for (unsigned r = 0; r < kRows; ++r) total[r] += sums[r];
    } else {
      // Every lane gives away the rows that are not its own: three exchanges instead of eight.
      const bool upper = (lane & 2U) != 0;
      const std::int32_t s0 = __shfl_xor_sync(0xffffffffU, upper ? sums[0] : sums[2], 2);
      const std::int32_t s1 = __shfl_xor_sync(0xffffffffU, upper ? sums[1] : sums[3], 2);
      const std::int32_t keep0 = (upper ? sums[2] : sums[0]) + s0;
      const std::int32_t keep1 = (upper ? sums[3] : sums[1]) + s1;
      const bool odd_lane = (lane & 1U) != 0;
      std::int32_t sum =
          (odd_lane ? keep1 : keep0) + __shfl_xor_sync(0xffffffffU, odd_lane ? keep0 : keep1, 1);
      // The last group may be shorter than its lanes; each of them has a row's sum nevertheless.
      if (piece / kShare < groups && first + mine < w.rows) {
        const std::size_t at = std::size_t{my_row} * groups + piece / kShare;
        if (out.sums != nullptr) out.sums[at] = sum;
        products[(warp * kRows + mine) * (groups | 1) + piece / kShare] =
            static_cast<float>(sum) * w.int4_scales[at];
      }
    }
  }
  if constexpr (kShare == 0) {
#pragma unroll
    for (unsigned r = 0; r < kRows; ++r) {
      const std::int32_t sum = warp_sum(total[r]);
      if (lane != 0 || first + r >= w.rows) continue;
      if (out.sums != nullptr) out.sums[first + r] = sum;
      put(out, first + r, static_cast<float>(sum) * (w.int4_scales[first + r] * scale));
    }
  } else {
    // Groups are added up in order, one thread a row.
    __syncwarp();
    if (lane < kRows && first + lane < w.rows) {
      const float* p = products + (warp * kRows + lane) * (groups | 1);
      float acc = 0;
#pragma unroll 8
      for (unsigned g = 0; g < groups; ++g) acc = acc + p[g];
      put(out, first + lane, acc * scale);
    }
  }
}

template <class Kernel>
void allow_shared(Kernel kernel, std::size_t bytes) {
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "shared memory");
}

template <unsigned kShare>
void launch_int4(const WeightCodes& w, const Codes& a, const GemvOut& out, cudaStream_t stream) {
  constexpr unsigned kRows = kInt4Rows;
  const unsigned pieces = w.int4_stride / 16;
  const unsigned groups = kShare == 0 ? 0 : (pieces + kShare - 1) / kShare;
  const std::size_t bytes =
      std::size_t{pieces} * 32 + std::size_t{kWarps} * kRows * (groups | 1) * sizeof(float);
  allow_shared(gemv_int4_kernel<kShare>, bytes);
  const unsigned blocks = (w.rows + kWarps * kRows - 1) / (kWarps * kRows);
  gemv_int4_kernel<kShare><<<blocks, kThreads, bytes, stream>>>(w, a, out);
  check_launch("gemv_int4");
}

// One half-warp a row of a token.
__global__ void gemm_f32_kernel(const float* w, unsigned rows, unsigned cols, const float* x, float* y,
                                bool add) {
  const unsigned row = (blockIdx.x * blockDim.x + threadIdx.x) / 16;
  const std::size_t token = blockIdx.y;
  const float sum = dot16(x + token * cols, w + std::size_t{min(row, rows - 1)} * cols, cols);
  if (threadIdx.x % 16 != 0 || row >= rows) return;
  float& out = y[token * rows + row];
  out = add ? out + sum : sum;
}

}  // namespace

void gemv_int8(const WeightCodes& w, const Codes& a, const GemvOut& out, cudaStream_t stream) {
  constexpr unsigned kRows = 2;
  allow_shared(gemv_int8_kernel<kRows, 2>, w.int8_stride);
  const unsigned blocks = (w.rows + kWarps * kRows - 1) / (kWarps * kRows);
  gemv_int8_kernel<kRows, 2><<<blocks, kThreads, w.int8_stride, stream>>>(w, a, out);
  check_launch("gemv_int8");
}

bool int4_group_is_supported(unsigned group) { return group == 128; }

void gemv_int4(const WeightCodes& w, const Codes& a, const GemvOut& out, cudaStream_t stream) {
  if (w.group == 0) return launch_int4<0>(w, a, out, stream);
  launch_int4<4>(w, a, out, stream);  // 128
}

void gemm_f32(const float* w, unsigned rows, unsigned cols, const float* x, unsigned tokens, float* y,
              bool add, cudaStream_t stream) {
  constexpr unsigned kBlock = 128;
  gemm_f32_kernel<<<dim3((rows * 16 + kBlock - 1) / kBlock, tokens), kBlock, 0, stream>>>(w, rows, cols, x, y,
                                                                                          add);
  check_launch("gemm_f32");
}

}  // namespace workload::cuda
