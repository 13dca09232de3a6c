// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/codebook.h"

#include <cmath>
#include <string>
#include <utility>

#include "sim/core/error.h"
#include "traces/workload/million/nearest.h"

namespace million {

void check(const PqShape& shape) {
  if (shape.head_dim == 0 || shape.sub_vectors == 0 || shape.head_dim % shape.sub_vectors != 0)
    throw sim::Error(sim::Exit::usage, "product quantisation: " + std::to_string(shape.sub_vectors) +
                                           " sub-vectors do not divide a head dimension of " +
                                           std::to_string(shape.head_dim));
  if (shape.code_bits < 1 || shape.code_bits > 12)
    throw sim::Error(sim::Exit::usage, "product quantisation: codes of " + std::to_string(shape.code_bits) +
                                           " bits; 1 to 12 are possible");
}

Codebook::Codebook(const PqShape& shape, std::vector<Float16> centroids)
    : shape_(shape), centroids_(std::move(centroids)) {
  check(shape_);
  if (centroids_.size() != shape_.elements())
    throw sim::Error(sim::Exit::input, "codebook: " + std::to_string(centroids_.size()) +
                                           " elements; its shape asks for " +
                                           std::to_string(shape_.elements()));
  by_centroid_.resize(centroids_.size());
  workload::to_float(centroids_.data(), centroids_.size(), by_centroid_.data());
  for (std::size_t i = 0; i < by_centroid_.size(); ++i)
    if (!std::isfinite(by_centroid_[i]))
      throw sim::Error(sim::Exit::input,
                       "codebook: element " + std::to_string(i) + " is not a finite number");
  const std::size_t one = std::size_t{shape_.sub_dim()} * padded();
  by_component_.resize(shape_.sub_vectors * one);
  for (unsigned m = 0; m < shape_.sub_vectors; ++m)
    transpose_centroids(by_centroid_.data() + std::size_t{m} * shape_.centroids() * shape_.sub_dim(),
                        shape_.centroids(), shape_.sub_dim(), by_component_.data() + m * one);
}

std::size_t Codebook::padded() const { return padded_clusters(shape_.centroids()); }

}  // namespace million
