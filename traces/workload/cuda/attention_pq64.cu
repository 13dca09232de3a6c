// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>

#include "traces/workload/cuda/attention_walk.cuh"

// Attention over codes of 8 bits and 64 sub-vectors of two elements, in the host's order. A block has the table
// of a query head and the value centroids in shared memory, both as fp16 (which they are), and four groups of
// 128 threads, each with a split of its own. Of a group, 64 threads turn keys into weights, one a token of the
// tile, and 64 add up the values of the tile before, one a sub-vector. A thread reads its codes of a tile as eight
// pieces of 16 bytes, and of the next tile as soon as a piece is used.
namespace workload::cuda {
namespace {

using namespace split;

constexpr unsigned kSub = 64;
constexpr unsigned kCount = 256;  // centroids
constexpr unsigned kGroups = 4;
constexpr unsigned kBlock = kGroups * kThreads;
constexpr unsigned kPieces = kTile / 8;  // of eight codes

struct Tile {
  float weights[kTile];
  float factor, max;
};

struct Shared {
  __half2 values[kSub][kCount];
  __half table[kSub][kCount];
  Tile tiles[kGroups][2];
  float largest[kGroups][2][2];  // of a tile and warp
};

__device__ inline void sync_group(unsigned group) {
  asm volatile("bar.sync %0, 128;" ::"r"(2 + group) : "memory");
}
__device__ inline void sync_scorers(unsigned group) {
  asm volatile("bar.sync %0, 64;" ::"r"(2 + kGroups + group) : "memory");
}

__device__ inline uint4 load_codes(const std::uint16_t* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

__device__ inline unsigned code_of(const uint4& piece, unsigned i) {
  const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
  return i % 2 == 0 ? words[i / 2] & 0xffffU : words[i / 2] >> 16;
}

struct Part {  // a split
  const std::uint16_t* keys;    // of the kv head, [token][kSub]
  const std::uint16_t* values;  // [tile][kSub][kTile]
  unsigned begin, end;
};

__device__ void score(Shared& shared, const Part& part, unsigned group, float scale) {
  const unsigned token = threadIdx.x % kThreads;
  const unsigned last = part.end - 1;
  const std::uint16_t* row = part.keys + std::size_t{min(part.begin + token, last)} * kSub;
  uint4 pieces[kPieces];
#pragma unroll
  for (unsigned j = 0; j < kPieces; ++j) pieces[j] = load_codes(row + 8 * j);
  float max = -INFINITY;
  unsigned parity = 0;
  for (unsigned first = part.begin; first < part.end; first += kTile, parity ^= 1) {
    row = part.keys + std::size_t{min(first + kTile + token, last)} * kSub;
    float sum = 0;
#pragma unroll
    for (unsigned j = 0; j < kPieces; ++j) {
      const uint4 piece = pieces[j];
      if (first + kTile < part.end) pieces[j] = load_codes(row + 8 * j);
#pragma unroll
      for (unsigned i = 0; i < 8; ++i) sum = sum + __half2float(shared.table[8 * j + i][code_of(piece, i)]);
    }
    const float score = sum * scale;
    const bool inside = first + token < part.end;
    float largest = inside ? score : -INFINITY;
    for (unsigned step = 16; step > 0; step /= 2)
      largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, step));
    float* const both = shared.largest[group][parity];
    if (token % 32 == 0) both[token / 32] = largest;
    sync_scorers(group);
    largest = fmaxf(max, fmaxf(both[0], both[1]));
    Tile& tile = shared.tiles[group][parity];
    if (token == 0) {
      tile.factor = largest > max ? exp_like_host(max - largest) : 1.0F;
      tile.max = largest;
    }
    max = largest;
    tile.weights[token] = inside ? exp_like_host(score - max) : 0.0F;
    sync_group(group);
  }
}

// Of one sub-vector: acc; and in every thread the sum of the weights.
struct Sums {
  float low = 0, high = 0, weights = 0;
};

__device__ Sums accumulate(const Shared& shared, const Part& part, unsigned group) {
  const unsigned m = threadIdx.x % kThreads - kTile;
  const std::uint16_t* column = part.values + (std::size_t{part.begin / kTile} * kSub + m) * kTile;
  uint4 pieces[kPieces];
#pragma unroll
  for (unsigned j = 0; j < kPieces; ++j) pieces[j] = load_codes(column + 8 * j);
  Sums sums;
  unsigned parity = 0;
  for (unsigned first = part.begin; first < part.end; first += kTile, parity ^= 1) {
    column += kSub * kTile;
    sync_group(group);
    const Tile& tile = shared.tiles[group][parity];
    const float factor = tile.factor;
    const unsigned count = min(kTile, part.end - first);
    sums.low = sums.low * factor;
    sums.high = sums.high * factor;
    sums.weights = sums.weights * factor;
#pragma unroll
    for (unsigned j = 0; j < kPieces; ++j) {
      const uint4 piece = pieces[j];
      if (first + kTile < part.end) pieces[j] = load_codes(column + 8 * j);
      const auto take = [&](unsigned i) {
        const float weight = tile.weights[8 * j + i];
        const float2 value = __half22float2(shared.values[m][code_of(piece, i)]);
        sums.low = sums.low + weight * value.x;
        sums.high = sums.high + weight * value.y;
        sums.weights = sums.weights + weight;
      };
      if (8 * j + 8 <= count) {
#pragma unroll
        for (unsigned i = 0; i < 8; ++i) take(i);
      } else {
#pragma unroll
        for (unsigned i = 0; i < 8; ++i)
          if (8 * j + i < count) take(i);
      }
    }
  }
  return sums;
}

__global__ void __launch_bounds__(kBlock, 2) pq64_kernel(Attention a, unsigned stride, float scale) {
  extern __shared__ __align__(16) unsigned char bytes[];
  Shared& shared = *reinterpret_cast<Shared*>(bytes);
  read_step(a);
  const unsigned head = blockIdx.x;
  const unsigned kv_head = head / (a.heads / a.kv_heads);
  const auto [coded, plain] = cuts(a);
  constexpr unsigned kDim = 2 * kSub;
  if (blockIdx.y == 0) {  // the residual
    if (threadIdx.x >= kThreads || a.rows == 0) return;
    Walk& walk = *reinterpret_cast<Walk*>(bytes);
    walk.q[threadIdx.x] = a.q[std::size_t{head} * kDim + threadIdx.x];
    sync_walkers();
    const std::size_t at = std::size_t{kv_head} * a.row_capacity * kDim;
    const Rows<__half> source{static_cast<const __half*>(a.keys) + at,
                              static_cast<const __half*>(a.row_values) + at, kDim, kDim};
    walk_split(walk, source, 0, a.rows, kDim, scale);
    const std::size_t to = std::size_t{head} * stride + coded.splits;
    a.accs[to * kDim + threadIdx.x] = walk.acc[threadIdx.x];
    if (threadIdx.x == 0) a.partials[to] = make_float2(walk.max, walk.sum);
    return;
  }
  if ((blockIdx.y - 1) * kGroups >= coded.splits) return;
  const float* table = a.tables + std::size_t{head} * kSub * kCount;
  for (unsigned i = threadIdx.x; i < kSub * kCount; i += kBlock)
    shared.table[i / kCount][i % kCount] = __float2half_rn(table[i]);
  for (unsigned i = threadIdx.x; i < kSub * kCount; i += kBlock)
    shared.values[i / kCount][i % kCount] = a.values.pairs[i];
  __syncthreads();
  const unsigned group = threadIdx.x / kThreads;
  const unsigned index = (blockIdx.y - 1) * kGroups + group;
  if (index >= coded.splits) return;
  const std::size_t at = std::size_t{kv_head} * a.code_capacity * kSub;
  const unsigned begin = index * coded.tokens_each;
  const Part part{a.key_codes + at, a.value_codes + at, begin, min(begin + coded.tokens_each, a.coded)};
  if (threadIdx.x % kThreads < kTile) {
    score(shared, part, group, scale);
    return;
  }
  const Sums sums = accumulate(shared, part, group);
  const unsigned m = threadIdx.x % kThreads - kTile;
  const std::size_t to = std::size_t{head} * stride + index;
  *reinterpret_cast<float2*>(a.accs + to * kDim + 2 * m) = make_float2(sums.low, sums.high);
  const unsigned last = (part.end - part.begin - 1) / kTile % 2;
  if (m == 0) a.partials[to] = make_float2(shared.tiles[group][last].max, sums.weights);
}

}  // namespace

bool is_pq64(const Attention& a) {
  return a.key_codes != nullptr && a.values_by_tile && a.values.pairs != nullptr &&
         a.values.sub_vectors == kSub && a.values.count == kCount && a.values.sub_dim == 2;
}

void attend_pq64(const Attention& a, cudaStream_t stream) {
  check(cudaFuncSetAttribute(reinterpret_cast<const void*>(pq64_kernel),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Shared)),
        "shared memory");
  const unsigned splits = splits_of(a);
  const dim3 grid(a.heads, 1 + (splits + kGroups - 1) / kGroups);
  pq64_kernel<<<grid, kBlock, sizeof(Shared), stream>>>(a, splits, 1.0F / std::sqrt(2.0F * kSub));
  check_launch("attend_pq64");
}

}  // namespace workload::cuda
