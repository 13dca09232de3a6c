// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>

#include "traces/workload/cuda/attention_walk.cuh"

// Attention over codes of 8 bits and 64 sub-vectors of two elements, in the host's order. A block has the
// table of a query head and the value centroids in shared memory, both as fp16 (which they are), and four
// groups of 128 threads, each with a split of its own. Of a group, two warps score a tile's keys, a thread
// one token, while two others turn the scores of the tile before into weights and add up its values, a thread
// one sub-vector. A thread reads its codes of a tile as four pieces of 16 bytes, and of the next tile as soon
// as a piece is used.
namespace workload::cuda {
namespace {

using namespace split;

constexpr unsigned kSub = 64;
constexpr unsigned kCount = 256;  // centroids
constexpr unsigned kGroups = 4;
constexpr unsigned kBlock = kGroups * kThreads;
constexpr unsigned kPieces = kTile / 16;
constexpr unsigned kTileBytes = kTile * kSub;
constexpr unsigned kAll = 0xffffffffU;

struct Shared {
  __half2 values[kSub][kCount];
  __half table[kSub][kCount];
  float scores[kGroups][2][kTile];   // of two tiles in turn
  float weights[kGroups][2][kTile];  // of a warp
};

__device__ inline uint4 load_piece(const std::uint8_t* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

__device__ inline unsigned code_of(const uint4& piece, unsigned i) {
  const unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
  return words[i / 4] >> (8 * (i % 4)) & 0xffU;
}

// A thread's pieces of the tiles of a split, the next tile's on their way.
struct Pieces {
  const std::uint8_t* at;  // of the next tile
  unsigned left;           // tiles not loaded yet
  uint4 pieces[kPieces];

  __device__ Pieces(const std::uint8_t* first, unsigned tiles) : at(first), left(tiles) {
#pragma unroll
    for (unsigned j = 0; j < kPieces; ++j) pieces[j] = load_piece(at + j * (kTile * 16));
    at += kTileBytes;
    --left;
  }
  // Piece j of this tile; after the last one comes the next tile.
  __device__ uint4 take(unsigned j) {
    const uint4 piece = pieces[j];
    if (left > 0) pieces[j] = load_piece(at + j * (kTile * 16));
    return piece;
  }
  __device__ void next() {
    at += kTileBytes;
    if (left > 0) --left;
  }
};

__device__ inline float score(const Shared& shared, Pieces& keys) {
  float sum = 0;
#pragma unroll
  for (unsigned j = 0; j < kPieces; ++j) {
    const uint4 piece = keys.take(j);
#pragma unroll
    for (unsigned i = 0; i < 16; ++i) sum = sum + __half2float(shared.table[16 * j + i][code_of(piece, i)]);
  }
  keys.next();
  return sum;
}

// Of one sub-vector; the largest score and the sum of the weights in every thread.
struct State {
  float max = -INFINITY, sum = 0, low = 0, high = 0;
};

__device__ inline void add_tile(State& state, const Shared& shared, const float* scores, float* weights,
                                unsigned m, unsigned count, Pieces& values) {
  const unsigned lane = threadIdx.x % 32;
  const float first = lane < count ? scores[lane] : -INFINITY;
  const float second = lane + 32 < count ? scores[lane + 32] : -INFINITY;
  float largest = fmaxf(first, second);
  for (unsigned step = 16; step > 0; step /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(kAll, largest, step));
  largest = fmaxf(largest, state.max);
  const float factor = largest > state.max ? exp_like_host(state.max - largest) : 1.0F;
  state.max = largest;
  weights[lane] = exp_like_host(first - largest);
  weights[lane + 32] = exp_like_host(second - largest);
  __syncwarp();
  state.sum = state.sum * factor;
  state.low = state.low * factor;
  state.high = state.high * factor;
#pragma unroll
  for (unsigned j = 0; j < kPieces; ++j) {
    const uint4 piece = values.take(j);
    const auto add = [&](unsigned i, float weight) {
      const float2 value = __half22float2(shared.values[m][code_of(piece, i)]);
      state.sum = state.sum + weight;
      state.low = state.low + weight * value.x;
      state.high = state.high + weight * value.y;
    };
    if (16 * j + 16 <= count) {
#pragma unroll
      for (unsigned i = 0; i < 16; i += 4) {
        const float4 four = *reinterpret_cast<const float4*>(weights + 16 * j + i);
        add(i, four.x);
        add(i + 1, four.y);
        add(i + 2, four.z);
        add(i + 3, four.w);
      }
    } else {
#pragma unroll
      for (unsigned i = 0; i < 16; ++i)
        if (16 * j + i < count) add(i, weights[16 * j + i]);
    }
  }
  values.next();
  __syncwarp();  // nobody reads the weights any more
}

__device__ void attend_residual(const Attention& a, Walk& walk, unsigned head, unsigned split,
                                unsigned stride, float scale) {
  constexpr unsigned kDim = 2 * kSub;
  walk.q[threadIdx.x] = a.q[std::size_t{head} * kDim + threadIdx.x];
  sync_walkers();
  const std::size_t at = std::size_t{head / (a.heads / a.kv_heads)} * a.row_capacity * kDim;
  const Rows<__half> source{static_cast<const __half*>(a.keys) + at,
                            static_cast<const __half*>(a.row_values) + at, kDim, kDim};
  walk_split(walk, source, 0, a.rows, kDim, scale);
  const std::size_t to = std::size_t{head} * stride + split;
  a.accs[to * kDim + threadIdx.x] = walk.acc[threadIdx.x];
  if (threadIdx.x == 0) a.partials[to] = make_float2(walk.max, walk.sum);
}

__device__ inline void load_tables(Shared& shared, const Attention& a, unsigned head) {
  const auto* table = reinterpret_cast<const float4*>(a.tables + std::size_t{head} * kSub * kCount);
  const auto* pairs = reinterpret_cast<const uint4*>(a.values.pairs);
  auto* to_table = reinterpret_cast<uint2*>(&shared.table);
  auto* to_values = reinterpret_cast<uint4*>(&shared.values);
#pragma unroll 8
  for (unsigned i = threadIdx.x; i < kSub * kCount / 4; i += kBlock) {
    const float4 x = table[i];
    const __half2 low = __floats2half2_rn(x.x, x.y);
    const __half2 high = __floats2half2_rn(x.z, x.w);
    to_table[i] =
        make_uint2(*reinterpret_cast<const unsigned*>(&low), *reinterpret_cast<const unsigned*>(&high));
    to_values[i] = pairs[i];
  }
}

__global__ void __launch_bounds__(kBlock, 2) pq64_kernel(Attention a, unsigned stride, float scale) {
  extern __shared__ __align__(16) unsigned char bytes[];
  Shared& shared = *reinterpret_cast<Shared*>(bytes);
  read_step(a);
  const unsigned head = blockIdx.x;
  const unsigned coded_splits = cuts(a).coded.splits;
  const unsigned tokens_each = cuts(a).coded.tokens_each;
  if (blockIdx.y == 0) {
    if (threadIdx.x < kThreads && a.rows > 0)
      attend_residual(a, *reinterpret_cast<Walk*>(bytes), head, coded_splits, stride, scale);
    return;
  }
  if ((blockIdx.y - 1) * kGroups >= coded_splits) return;
  load_tables(shared, a, head);
  __syncthreads();
  const unsigned group = threadIdx.x / kThreads;
  const unsigned index = (blockIdx.y - 1) * kGroups + group;
  const unsigned begin = min(index * tokens_each, a.coded);
  const unsigned end = min(begin + tokens_each, a.coded);
  const unsigned tiles = (end - begin + kTile - 1) / kTile;  // 0: no such split
  const bool scores = threadIdx.x % kThreads < kTile;
  const unsigned lane = threadIdx.x % kTile;  // token or sub-vector
  const std::size_t at =
      std::size_t{head / (a.heads / a.kv_heads)} * a.code_capacity * kSub + begin * kSub + lane * 16;
  const std::uint8_t* const from = (scores ? a.key_tiles : a.value_tiles) + (tiles > 0 ? at : lane * 16);
  Pieces pieces(from, max(tiles, 1U));
  State state;
  float* const weights = shared.weights[group][lane / 32];
  for (unsigned step = 0; step <= tokens_each / kTile; ++step) {  // all groups alike
    if (scores) {
      if (step < tiles) shared.scores[group][step % 2][lane] = score(shared, pieces) * scale;
    } else if (step > 0 && step <= tiles) {
      const unsigned count = min(kTile, end - begin - (step - 1) * kTile);
      add_tile(state, shared, shared.scores[group][(step - 1) % 2], weights, lane, count, pieces);
    }
    __syncthreads();
  }
  if (scores || tiles == 0) return;
  const std::size_t to = std::size_t{head} * stride + index;
  *reinterpret_cast<float2*>(a.accs + (to * kSub + lane) * 2) = make_float2(state.low, state.high);
  if (lane == 0) a.partials[to] = make_float2(state.max, state.sum);
}

}  // namespace

void attend_pq64(const Attention& a, cudaStream_t stream) {
  const auto* kernel = reinterpret_cast<const void*>(pq64_kernel);
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Shared)),
        "shared memory");
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                             cudaSharedmemCarveoutMaxShared),
        "shared memory");
  const unsigned splits = splits_of(a);
  const dim3 grid(a.heads, 1 + (splits + kGroups - 1) / kGroups);
  pq64_kernel<<<grid, kBlock, sizeof(Shared), stream>>>(a, splits, 1.0F / std::sqrt(2.0F * kSub));
  check_launch("attend_pq64");
}

}  // namespace workload::cuda
