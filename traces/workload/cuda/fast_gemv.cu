// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/fast_input.cuh"
#include "traces/workload/cuda/fast_sum.cuh"

// One block a multiprocessor, alone there. When it ends, the next kernel's block begins at once and fetches
// weights while blocks elsewhere still work: that is what keeps the memory busy from kernel to kernel. (With
// two kernels' blocks side by side, now and then two of one kernel meet on a multiprocessor and all wait for
// it.)
namespace workload::cuda {
namespace {

constexpr unsigned kAlone = 116 * 1024;  // of shared memory: nobody else fits
constexpr unsigned kMostShared = 200 * 1024;

struct Parameters {
  FastWeights w;
  FastInput in;
  FastOut out;
  unsigned input_bytes;  // of shared memory
  unsigned raw_bytes;
  unsigned scale_count;  // of a row
};

template <FastFormat kFormat>
constexpr bool kIsInt4 = kFormat == FastFormat::int4_group || kFormat == FastFormat::int4_row;
// Of a warp, rows that are on their way where a row's steps are known beforehand, else steps.
template <unsigned kSteps>
constexpr unsigned kRowsAhead = kSteps <= 4   ? 3
                                : kSteps <= 8 ? 2
                                              : 1;
constexpr unsigned kStepsAhead = 12;

// All rows of this warp; sums[row] in shared memory. `between` is called when half of what is ahead is on its
// way.
template <FastFormat kFormat, unsigned kSteps>
class Rows {
 public:
  template <class Between>
  __device__ Rows(const Part& part, unsigned lane, unsigned warp, const Between& between)
      : part_(part), lane_(lane), warp_(warp) {
#pragma unroll
    for (unsigned k = 0; k < kRows; ++k) {
      const unsigned row = warp_ + k * kGemvWarps;
      const char* const from = part_.row(row) + lane_ * 16;
#pragma unroll
      for (unsigned s = 0; s < kSteps; ++s) {
        if (k * kSteps + s == kRows * kSteps / 2) between();
        ahead_[k][s] = make_uint4(0, 0, 0, 0);
        load(k, s, from, row < part_.rows);
      }
    }
  }
  __device__ void multiply(const int4* input, unsigned, const float* scales, unsigned scale_count,
                           float* sums) {
    constexpr unsigned kHalf = 32 * kSteps;
    PieceInput<kFormat> kept[kKeep ? kSteps : 1];
    if constexpr (kKeep) {
#pragma unroll
      for (unsigned s = 0; s < kSteps; ++s) kept[s].load(input, kHalf, s * 32 + lane_);
    }
    for (unsigned first = warp_; first < part_.rows; first += kRows * kGemvWarps) {
#pragma unroll
      for (unsigned k = 0; k < kRows; ++k) {
        const unsigned row = first + k * kGemvWarps;
        if (row >= part_.rows) break;
        const unsigned next = row + kRows * kGemvWarps;
        const char* const from = part_.row(next) + lane_ * 16;
        const float* const row_scales = scales + row * scale_count + lane_ / 4;
        Sum<kFormat> sum;
#pragma unroll
        for (unsigned s = 0; s < kSteps; ++s) {
          PieceInput<kFormat> in;
          if constexpr (kKeep)
            in = kept[s];
          else
            in.load(input, kHalf, s * 32 + lane_);
          sum.take(ahead_[k][s], in, kFormat == FastFormat::int4_group ? row_scales[8 * s] : 0.0F);
          load(k, s, from, next < part_.rows);
        }
        const float total = sum.finish();
        if (lane_ == 0) sums[row] = total;
      }
    }
  }

 private:
  static constexpr unsigned kRows = kRowsAhead<kSteps>;
  static constexpr bool kKeep = kIsInt4<kFormat> && kSteps <= 4;  // the input, in registers

  __device__ void load(unsigned k, unsigned s, const char* from, bool inside) {
    // Only a row's last step may reach behind its end.
    if (s == kSteps - 1) inside = inside && (kSteps - 1) * 32 + lane_ < part_.stride / 16;
    stream_load(ahead_[k][s], from + s * kStepBytes, inside);
  }

  const Part& part_;
  unsigned lane_, warp_;
  uint4 ahead_[kRows][kSteps];
};

template <FastFormat kFormat>
class Rows<kFormat, 0> {
 public:
  template <class Between>
  __device__ Rows(const Part& part, unsigned lane, unsigned warp, const Between& between)
      : part_(part),
        lane_(lane),
        warp_(warp),
        pieces_(part.stride / 16),
        padded_((pieces_ + 31) / 32 * 32),
        row_(warp),
        piece_(lane),
        from_(part.row(warp) + lane * 16) {
#pragma unroll
    for (unsigned k = 0; k < kStepsAhead; ++k) {
      if (k == kStepsAhead / 2) between();
      ahead_[k] = make_uint4(0, 0, 0, 0);
      load(ahead_[k]);
    }
  }
  __device__ void multiply(const int4* input, unsigned half, const float* scales, unsigned scale_count,
                           float* sums) {
    Sum<kFormat> sum;
    unsigned row = warp_;
    unsigned piece = lane_;
    while (row < part_.rows) {
#pragma unroll
      for (unsigned k = 0; k < kStepsAhead; ++k) {
        if (row >= part_.rows) break;
        PieceInput<kFormat> in;
        in.load(input, half, piece);
        sum.take(ahead_[k], in,
                 kFormat == FastFormat::int4_group ? scales[row * scale_count + piece / 4] : 0.0F);
        load(ahead_[k]);
        piece += 32;
        if (piece < padded_) continue;
        const float total = sum.finish();
        if (lane_ == 0) sums[row] = total;
        sum = {};
        row += kGemvWarps;
        piece = lane_;
      }
    }
  }

 private:
  __device__ void load(uint4& to) {
    stream_load(to, from_, row_ < part_.rows && piece_ < pieces_);
    piece_ += 32;
    from_ += kStepBytes;
    if (piece_ < padded_) return;
    from_ += static_cast<std::int64_t>(kGemvWarps * part_.stride) - static_cast<std::int64_t>(padded_ * 16);
    if (row_ < part_.results && row_ + kGemvWarps >= part_.results) from_ += part_.second - part_.first;
    row_ += kGemvWarps;
    piece_ = lane_;
  }

  const Part& part_;
  unsigned lane_, warp_, pieces_, padded_, row_, piece_;
  const char* from_;
  uint4 ahead_[kStepsAhead];
};

// Results of a block out of its rows' sums.
template <FastFormat kFormat>
__device__ void put_results(const Parameters& p, const Part& part, const float* sums, const float* scales,
                            float input_scale, float old) {
  const auto value = [&](unsigned r) {
    float x = sums[r] * input_scale;
    if constexpr (kFormat == FastFormat::int8 || kFormat == FastFormat::int4_row) x *= scales[r];
    return x;
  };
  float largest = 0;
  for (unsigned r = threadIdx.x; r < part.results; r += kGemvThreads) {
    float y = value(r);
    if (p.w.pairs) y = y / (1 + __expf(-y)) * value(part.results + r);
    largest = fmaxf(largest, fabsf(y));
    p.out.y[part.begin + r] = y + old;
  }
  if (p.out.largest == nullptr || threadIdx.x - threadIdx.x % 32 >= part.results) return;
  const unsigned bits = __reduce_max_sync(kAllLanes, __float_as_uint(largest));
  if (threadIdx.x % 32 == 0) atomicMax(p.out.largest, bits);
}

// Scales of `rows` rows; those of a row lie behind one another.
__device__ inline void fetch_scales(float* to, const float* from, unsigned count) {
  if (count % 4 == 0 && reinterpret_cast<std::uintptr_t>(from) % 16 == 0 &&
      static_cast<unsigned>(__cvta_generic_to_shared(to)) % 16 == 0) {
    for (unsigned i = 4 * threadIdx.x; i < count; i += 4 * kGemvThreads) copy_async16(to + i, from + i);
  } else {
    for (unsigned i = threadIdx.x; i < count; i += kGemvThreads) copy_async4(to + i, from + i);
  }
}

template <FastFormat kFormat, FastInputKind kKind, unsigned kSteps>
__global__ void __launch_bounds__(kGemvThreads, 1) gemv_kernel(const __grid_constant__ Parameters p) {
  extern __shared__ int4 shared[];
  __shared__ Arrival arrival;
  let_next_begin();
  int4* const input = shared;
  char* const raw = reinterpret_cast<char*>(shared) + p.input_bytes;
  if (threadIdx.x == 0) arrival.prepare();
  __syncthreads();
  const unsigned lane = threadIdx.x % 32;
  const Part part(p.w, blockIdx.x, gridDim.x);
  float* const scales = reinterpret_cast<float*>(raw + p.raw_bytes);
  float* const sums = scales + ((part.rows * p.scale_count + 3) / 4 + 2) * 4;
  if constexpr (kFormat != FastFormat::fp16) {
    const unsigned count = part.results * p.scale_count;
    const float* const from = p.w.scales + std::size_t{part.begin} * p.scale_count;
    fetch_scales(scales, from, count);
    if (p.w.pairs) fetch_scales(scales + count, from + std::size_t{p.w.rows / 2} * p.scale_count, count);
    // Lanes behind a row's end multiply zeros by what lies there.
    if (threadIdx.x < 8) scales[part.rows * p.scale_count + threadIdx.x] = 0;
  }
  // One thread waits for the kernels before and fetches what they left, ahead of half of its warp's weights.
  Rows<kFormat, kSteps> rows(part, lane, threadIdx.x / 32, [&] {
    if (threadIdx.x == 0) fetch_input<kFormat, kKind>(p.in, p.w.cols, raw, arrival);
  });
  __syncthreads();
  arrival.wait();
  wait_for_others();
  const unsigned steps = kSteps > 0 ? kSteps : steps_of(p.w);
  const float input_scale = make_input<kFormat, kKind>(p.in, raw, p.w.cols, steps, input);
  const float old =
      p.out.add && threadIdx.x < part.results ? __ldcg(p.out.y + part.begin + threadIdx.x) : 0.0F;
  wait_for_copies();
  __syncthreads();
  rows.multiply(input, steps * 32, scales, p.scale_count, sums);
  __syncthreads();
  put_results<kFormat>(p, part, sums, scales, input_scale, old);
}

unsigned multiprocessors() {
  static const unsigned count = [] {
    int device = 0;
    int n = 0;
    check(cudaGetDevice(&device), "finding the device");
    check(cudaDeviceGetAttribute(&n, cudaDevAttrMultiProcessorCount, device), "counting multiprocessors");
    return static_cast<unsigned>(n);
  }();
  return count;
}

template <FastFormat kFormat, FastInputKind kKind, unsigned kSteps>
void launch(const Parameters& p, std::size_t shared, const FastLaunch& how) {
  const auto kernel = gemv_kernel<kFormat, kKind, kSteps>;
  static const bool allowed = [&] {
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, kMostShared),
          "shared memory");
    return true;
  }();
  static_cast<void>(allowed);
  launch_early(kernel, "fast_gemv", dim3(multiprocessors()), kGemvThreads, shared, how, p);
}

// Steps of 4096 columns, and of the inner columns of llama2-7b and llama3.1-8b at INT4, are known beforehand.
template <FastFormat kFormat, FastInputKind kKind>
void launch(const Parameters& p, std::size_t shared, const FastLaunch& how) {
  constexpr unsigned kHidden = kIsInt4<kFormat> ? 4 : kFormat == FastFormat::int8 ? 8 : 16;
  const unsigned steps = steps_of(p.w);
  if (steps == kHidden) return launch<kFormat, kKind, kHidden>(p, shared, how);
  if constexpr (kIsInt4<kFormat> && (kKind == FastInputKind::rows || kKind == FastInputKind::codes)) {
    if (steps == 11) return launch<kFormat, kKind, 11>(p, shared, how);
    if (steps == 14) return launch<kFormat, kKind, 14>(p, shared, how);
  }
  launch<kFormat, kKind, 0>(p, shared, how);
}

template <FastFormat kFormat>
void launch(const Parameters& p, std::size_t shared, const FastLaunch& how) {
  switch (p.in.kind) {
    case FastInputKind::codes:
      if constexpr (kFormat != FastFormat::fp16) return launch<kFormat, FastInputKind::codes>(p, shared, how);
      break;
    case FastInputKind::rows:
      return launch<kFormat, FastInputKind::rows>(p, shared, how);
    case FastInputKind::normed:
      return launch<kFormat, FastInputKind::normed>(p, shared, how);
    case FastInputKind::merged:
      return launch<kFormat, FastInputKind::merged>(p, shared, how);
  }
  throw sim::Error(sim::Exit::internal, "fast_gemv: codes for fp16 weights");
}

void require(bool condition, const char* what) {
  if (!condition) throw sim::Error(sim::Exit::internal, std::string("fast_gemv: ") + what);
}

}  // namespace

void fast_gemv(const FastWeights& w, const FastInput& in, const FastOut& out, const FastLaunch& how) {
  const bool inner = in.kind == FastInputKind::normed || in.kind == FastInputKind::merged;
  require(w.cols % 128 == 0 && w.stride % 16 == 0, "columns that are no multiple of 128");
  require(w.cols <= (inner ? kFastMostHidden : kFastMostInputs), "too many inputs");
  const auto blocks = multiprocessors();
  const auto results = static_cast<unsigned>((w.result_rows() + blocks - 1) / blocks);
  require(!out.add || results <= kGemvThreads, "too many rows to add to");
  Parameters p{w, in, out, 0, 0, 0};
  const bool half = w.format == FastFormat::fp16;
  p.input_bytes = steps_of(w) * 512 * (w.format == FastFormat::int8 ? 1 : 2);
  const RawInput raw(in.kind, !half, w.cols);
  p.raw_bytes = raw.main + raw.second;
  p.scale_count = half ? 0 : w.format == FastFormat::int4_group ? w.cols / 128 : 1;
  const unsigned rows = results * (w.pairs ? 2 : 1);
  const std::size_t shared = std::max<std::size_t>(
      kAlone, p.input_bytes + p.raw_bytes + 4 * (std::size_t{rows} * p.scale_count + 12 + rows + 4));
  require(shared <= kMostShared, "too much shared memory");
  switch (w.format) {
    case FastFormat::int8:
      return launch<FastFormat::int8>(p, shared, how);
    case FastFormat::int4_group:
      return launch<FastFormat::int4_group>(p, shared, how);
    case FastFormat::int4_row:
      return launch<FastFormat::int4_row>(p, shared, how);
    case FastFormat::fp16:
      return launch<FastFormat::fp16>(p, shared, how);
  }
}

}  // namespace workload::cuda
