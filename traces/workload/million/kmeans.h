// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/million/codebook.h"
#include "traces/workload/numeric/cpu.h"
#include "traces/workload/numeric/parallel.h"

namespace million {

constexpr unsigned kKmeansIterations = 25;  // [code]

struct Clustering {
  std::vector<float> centroids;   // [clusters][dim]
  std::vector<double> objective;  // mean squared distance of the points at every assignment, first to last
};

// Lloyd's k-means under L2, the same on every machine and for every number of threads. Starts from `clusters`
// different points drawn with `seed` [assumed; the authors' start is not documented]. `iterations` times:
// every point to its nearest centroid (lowest index on ties), every centroid to the mean of its points (in
// double, points in order). A centroid without points moves to the point that is farthest from its own
// (lowest index on ties; a point serves once), which never raises the objective. Ends early when no point
// moves. points[i * stride + 0 .. dim). Throws sim::Error (input) for fewer points than clusters.
Clustering kmeans(const float* points, std::size_t stride, std::size_t count, unsigned dim,
                  std::size_t clusters, unsigned iterations, std::uint64_t seed,
                  workload::SimdLevel level = workload::detect_simd_level());

struct TrainedCodebook {
  Codebook book;
  double mean_squared_error =
      0;  // of a vector, summed over its components, with the rounded (fp16) centroids
};

// A codebook from vectors [count][head_dim]: one k-means a sub-vector (seed + m), spread over threads.
TrainedCodebook train_codebook(const PqShape& shape, const float* vectors, std::size_t count,
                               std::uint64_t seed, const workload::ParallelFor& parallel,
                               unsigned iterations = kKmeansIterations,
                               workload::SimdLevel level = workload::detect_simd_level());

}  // namespace million
