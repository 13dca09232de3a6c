// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/nearest.h"

#include <limits>

#include "traces/workload/numeric/simd.h"

namespace million {
namespace {

using workload::kLanes;
using workload::Vector;

// The vectors' width does not show: of equal distances the lowest index wins in the end, in whatever lane it
// was.
template <unsigned kBytes, unsigned kDim>  // kDim 0: query.dim
WORKLOAD_INLINE void search(const NearestQuery& query) {
  using F32 = typename Vector<kBytes>::F32;
  using I32 = typename Vector<kBytes>::I32;
  constexpr unsigned kWidth = Vector<kBytes>::kWidth;
  const unsigned dim = kDim == 0 ? query.dim : kDim;
  I32 lanes = {};
  for (unsigned lane = 0; lane < kWidth; ++lane) lanes[lane] = static_cast<std::int32_t>(lane);
  for (std::size_t i = 0; i < query.count; ++i) {
    const float* x = query.points + i * query.stride;
    F32 best = F32{} + std::numeric_limits<float>::infinity();
    I32 index = lanes;
    for (std::size_t c = 0; c < query.padded; c += kWidth) {
      F32 distance = {};
      for (unsigned k = 0; k < dim; ++k) {
        const F32 difference = x[k] - *reinterpret_cast<const F32*>(query.centroids + k * query.padded + c);
        distance = distance + difference * difference;
      }
      const I32 closer = distance < best;
      best = closer ? distance : best;
      index = closer ? lanes + static_cast<std::int32_t>(c) : index;
    }
    float smallest = best[0];
    std::int32_t code = index[0];
    for (unsigned lane = 1; lane < kWidth; ++lane) {
      const float d = best[lane];
      if (d < smallest || (d == smallest && index[lane] < code)) {
        smallest = d;
        code = index[lane];
      }
    }
    query.codes[i * query.code_stride] = static_cast<std::uint16_t>(code);
    if (query.distances != nullptr) query.distances[i] = smallest;
  }
}

template <unsigned kBytes>
WORKLOAD_INLINE void search_any(const NearestQuery& query) {
  if (query.dim == 2)
    search<kBytes, 2>(query);
  else if (query.dim == 4)
    search<kBytes, 4>(query);
  else
    search<kBytes, 0>(query);
}

void portable(const NearestQuery& query) { search_any<16>(query); }
WORKLOAD_AVX2 void avx2(const NearestQuery& query) { search_any<32>(query); }
WORKLOAD_AVX512 void avx512(const NearestQuery& query) { search_any<64>(query); }

}  // namespace

void nearest(const NearestQuery& query, workload::SimdLevel level) {
  using Kernel = void(const NearestQuery&);
  Kernel* const kernels[] = {portable, avx2, avx512};
  kernels[static_cast<int>(level)](query);
}

std::size_t padded_clusters(std::size_t clusters) { return (clusters + kLanes - 1) / kLanes * kLanes; }

void transpose_centroids(const float* centroids, std::size_t clusters, unsigned dim, float* transposed) {
  const std::size_t padded = padded_clusters(clusters);
  for (unsigned k = 0; k < dim; ++k)
    for (std::size_t c = 0; c < padded; ++c)
      transposed[k * padded + c] =
          c < clusters ? centroids[c * dim + k] : std::numeric_limits<float>::infinity();
}

}  // namespace million
