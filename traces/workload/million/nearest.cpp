// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/nearest.h"

#include <limits>

#include "traces/workload/numeric/simd.h"

namespace million {
namespace {

using workload::F32x16;
using workload::I32x16;
using workload::kLanes;

template <unsigned kDim>  // 0: query.dim
WORKLOAD_INLINE void search(const NearestQuery& query) {
  const unsigned dim = kDim == 0 ? query.dim : kDim;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const I32x16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (std::size_t i = 0; i < query.count; ++i) {
    const float* x = query.points + i * query.stride;
    F32x16 best = F32x16{} + kInfinity;
    I32x16 index = lanes;
    for (std::size_t c = 0; c < query.padded; c += kLanes) {
      F32x16 distance = {};
      for (unsigned k = 0; k < dim; ++k) {
        const F32x16 difference =
            x[k] - *reinterpret_cast<const F32x16*>(query.centroids + k * query.padded + c);
        distance = distance + difference * difference;
      }
      const I32x16 closer = distance < best;
      best = closer ? distance : best;
      index = closer ? lanes + static_cast<std::int32_t>(c) : index;
    }
    float smallest = best[0];
    std::int32_t code = index[0];
    for (unsigned lane = 1; lane < kLanes; ++lane) {
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

WORKLOAD_INLINE void search_any(const NearestQuery& query) {
  if (query.dim == 2)
    search<2>(query);
  else if (query.dim == 4)
    search<4>(query);
  else
    search<0>(query);
}

void portable(const NearestQuery& query) { search_any(query); }
WORKLOAD_AVX2 void avx2(const NearestQuery& query) { search_any(query); }
WORKLOAD_AVX512 void avx512(const NearestQuery& query) { search_any(query); }

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
