// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/kmeans.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/million/encode.h"
#include "traces/workload/million/nearest.h"

namespace million {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): standard distributions differ between libraries, this does not.
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

class Lloyd {
 public:
  Lloyd(const float* points, std::size_t stride, std::size_t count, unsigned dim, std::size_t clusters,
        workload::SimdLevel level)
      : points_(points),
        stride_(stride),
        count_(count),
        dim_(dim),
        clusters_(clusters),
        level_(level),
        transposed_(dim * padded_clusters(clusters)),
        codes_(count),
        previous_(count, 0xffff),
        distances_(count),
        sums_(clusters * dim),
        members_(clusters) {
    result_.centroids.resize(clusters * dim);
  }

  Clustering run(unsigned iterations, std::uint64_t seed) {
    start(seed);
    for (unsigned i = 0; i < iterations && assign(); ++i) update();
    return std::move(result_);
  }

 private:
  void start(std::uint64_t seed) {
    std::vector<std::size_t> order(count_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t c = 0; c < clusters_; ++c) {
      std::swap(order[c], order[c + next_random(seed) % (count_ - c)]);
      std::copy_n(points_ + order[c] * stride_, dim_, centroid(c));
    }
  }

  // False when no point changed its centroid.
  bool assign() {
    transpose_centroids(result_.centroids.data(), clusters_, dim_, transposed_.data());
    nearest({points_, stride_, count_, transposed_.data(), padded_clusters(clusters_), dim_, codes_.data(), 1,
             distances_.data()},
            level_);
    double sum = 0;
    for (const float distance : distances_) sum += distance;
    result_.objective.push_back(sum / static_cast<double>(count_));
    const bool moved = codes_ != previous_;
    previous_ = codes_;
    return moved;
  }

  void update() {
    std::fill(sums_.begin(), sums_.end(), 0.0);
    std::fill(members_.begin(), members_.end(), std::size_t{0});
    for (std::size_t i = 0; i < count_; ++i) {
      ++members_[codes_[i]];
      for (unsigned k = 0; k < dim_; ++k) sums_[codes_[i] * dim_ + k] += points_[i * stride_ + k];
    }
    for (std::size_t c = 0; c < clusters_; ++c) {
      if (members_[c] == 0) {
        const auto farthest = std::max_element(distances_.begin(), distances_.end());
        *farthest = 0;  // serves once
        std::copy_n(points_ + static_cast<std::size_t>(farthest - distances_.begin()) * stride_, dim_,
                    centroid(c));
        continue;
      }
      for (unsigned k = 0; k < dim_; ++k)
        centroid(c)[k] = static_cast<float>(sums_[c * dim_ + k] / static_cast<double>(members_[c]));
    }
  }

  float* centroid(std::size_t c) { return result_.centroids.data() + c * dim_; }

  const float* points_;
  std::size_t stride_;
  std::size_t count_;
  unsigned dim_;
  std::size_t clusters_;
  workload::SimdLevel level_;
  Clustering result_;
  std::vector<float> transposed_;
  std::vector<std::uint16_t> codes_;
  std::vector<std::uint16_t> previous_;
  std::vector<float> distances_;
  std::vector<double> sums_;
  std::vector<std::size_t> members_;
};

}  // namespace

Clustering kmeans(const float* points, std::size_t stride, std::size_t count, unsigned dim,
                  std::size_t clusters, unsigned iterations, std::uint64_t seed, workload::SimdLevel level) {
  if (count < clusters)
    throw sim::Error(sim::Exit::input, "k-means: " + std::to_string(count) + " samples for " +
                                           std::to_string(clusters) +
                                           " clusters; give more text to sample from");
  return Lloyd(points, stride, count, dim, clusters, level).run(iterations, seed);
}

TrainedCodebook train_codebook(const PqShape& shape, const float* vectors, std::size_t count,
                               std::uint64_t seed, const workload::ParallelFor& parallel, unsigned iterations,
                               workload::SimdLevel level) {
  check(shape);
  const std::size_t one = std::size_t{shape.centroids()} * shape.sub_dim();
  std::vector<Float16> centroids(shape.elements());
  parallel(shape.sub_vectors, [&](std::size_t begin, std::size_t end) {
    for (std::size_t m = begin; m < end; ++m) {
      const Clustering found = kmeans(vectors + m * shape.sub_dim(), shape.head_dim, count, shape.sub_dim(),
                                      shape.centroids(), iterations, seed + m, level);
      for (std::size_t i = 0; i < one; ++i)
        centroids[m * one + i] = workload::to_float16_saturated(found.centroids[i]);
    }
  });
  TrainedCodebook result{Codebook(shape, std::move(centroids)), 0};
  std::vector<Code> codes(shape.sub_vectors);
  std::vector<float> decoded(shape.head_dim);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    encode(result.book, vectors + i * shape.head_dim, 1, codes.data(), level);
    decode(result.book, codes.data(), 1, decoded.data());
    for (unsigned k = 0; k < shape.head_dim; ++k) {
      const double difference = vectors[i * shape.head_dim + k] - decoded[k];
      sum += difference * difference;
    }
  }
  result.mean_squared_error = sum / static_cast<double>(count);
  return result;
}

}  // namespace million
