// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "traces/workload/numeric/cpu.h"

namespace million {

// The search that encoding and k-means share. Points points[i * stride + 0 .. dim), centroids [dim][padded]
// with `padded` a multiple of 16 (unused ones at +infinity). codes[i * code_stride] gets the index of the
// nearest one, lowest on ties; distances[i], unless null, its squared distance (f32, components in order,
// nothing fused).
struct NearestQuery {
  const float* points;
  std::size_t stride;
  std::size_t count;
  const float* centroids;
  std::size_t padded;
  unsigned dim;
  std::uint16_t* codes;
  std::size_t code_stride;
  float* distances;
};

void nearest(const NearestQuery& query, workload::SimdLevel level);

// Centroids of one sub-vector, [clusters][dim] -> [dim][padded].
std::size_t padded_clusters(std::size_t clusters);
void transpose_centroids(const float* centroids, std::size_t clusters, unsigned dim, float* transposed);

}  // namespace million
