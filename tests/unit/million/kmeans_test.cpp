// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/kmeans.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/million/encode.h"

namespace million {
namespace {

std::vector<float> normal_points(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> points(size);
  for (float& x : points) x = normal(random);
  return points;
}

TEST(Kmeans, FindsSeparateClusters) {
  std::vector<float> points;
  for (int i = 0; i < 30; ++i) {
    const float centre = static_cast<float>(i % 3) * 100.0F;
    points.push_back(centre + static_cast<float>(i / 3 - 4));  // -4 .. 5 about it: mean + 0.5
  }
  int hits = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {  // a start with two points of one cluster may stay there
    const Clustering found = kmeans(points.data(), 1, 30, 1, 3, 25, seed);
    std::vector<float> centroids = found.centroids;
    std::sort(centroids.begin(), centroids.end());
    if (centroids != std::vector<float>{0.5F, 100.5F, 200.5F}) continue;
    ++hits;
    EXPECT_DOUBLE_EQ(found.objective.back(), 8.25);
  }
  EXPECT_GE(hits, 4);  // 2/9 of all starts have one point of each
}

TEST(Kmeans, ObjectiveNeverRises) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const std::vector<float> points = normal_points(2 * 3000, seed);
    const Clustering found = kmeans(points.data(), 2, 3000, 2, 64, 25, seed);
    ASSERT_GE(found.objective.size(), 2U);
    for (std::size_t i = 1; i < found.objective.size(); ++i)
      ASSERT_LE(found.objective[i], found.objective[i - 1] * (1 + 1e-6)) << seed << ' ' << i;
  }
}

TEST(Kmeans, EmptyClustersMoveToTheFarthestPoints) {
  // 60 equal points and 4 others: whatever is drawn first, all five places end up with a centroid.
  std::vector<float> points(60, 1.0F);
  points.insert(points.end(), {50, 60, 70, 80});
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Clustering found = kmeans(points.data(), 1, points.size(), 1, 8, 25, seed);
    EXPECT_EQ(found.objective.back(), 0) << seed;
    for (std::size_t i = 1; i < found.objective.size(); ++i)
      EXPECT_LE(found.objective[i], found.objective[i - 1]);
  }
}

TEST(Kmeans, IsAsGoodAsAPlainImplementation) {
  // An independent Lloyd in double precision from the same kind of start: same quality within a few percent.
  const std::vector<float> points = normal_points(2 * 4000, 11);
  const double found = kmeans(points.data(), 2, 4000, 2, 32, 25, 5).objective.back();
  std::vector<double> centroids(points.begin(), points.begin() + 64);
  double objective = 0;
  for (int iteration = 0; iteration < 25; ++iteration) {
    std::vector<double> sums(64, 0.0);
    std::vector<int> members(32, 0);
    objective = 0;
    for (int i = 0; i < 4000; ++i) {
      double best = 1e300;
      int which = 0;
      for (int c = 0; c < 32; ++c) {
        const double d = std::pow(points[2 * i] - centroids[2 * c], 2) +
                         std::pow(points[2 * i + 1] - centroids[2 * c + 1], 2);
        if (d < best) {
          best = d;
          which = c;
        }
      }
      objective += best / 4000;
      ++members[which];
      sums[2 * which] += points[2 * i];
      sums[2 * which + 1] += points[2 * i + 1];
    }
    for (int c = 0; c < 64; ++c)
      if (members[c / 2] > 0) centroids[c] = sums[c] / members[c / 2];
  }
  EXPECT_NEAR(found, objective, 0.08 * objective);
}

TEST(Kmeans, IsTheSameAtEveryLevel) {
  const std::vector<float> points = normal_points(4 * 2000, 12);
  const Clustering expected = kmeans(points.data(), 4, 2000, 4, 100, 10, 3, workload::SimdLevel::portable);
  for (int level = 1; level <= static_cast<int>(workload::detect_simd_level()); ++level) {
    const Clustering found =
        kmeans(points.data(), 4, 2000, 4, 100, 10, 3, static_cast<workload::SimdLevel>(level));
    EXPECT_EQ(found.centroids, expected.centroids) << level;
    EXPECT_EQ(found.objective, expected.objective) << level;
  }
}

TEST(Kmeans, NeedsAPointACluster) {
  const std::vector<float> points = normal_points(10, 1);
  EXPECT_THROW(kmeans(points.data(), 1, 10, 1, 11, 25, 1), sim::Error);
  EXPECT_EQ(kmeans(points.data(), 1, 10, 1, 10, 25, 1).objective.back(), 0);
}

TEST(TrainCodebook, DoesNotDependOnTheNumberOfThreads) {
  const PqShape shape{16, 8, 4};
  const std::vector<float> vectors = normal_points(16 * 500, 13);
  const TrainedCodebook one = train_codebook(shape, vectors.data(), 500, 9, workload::serial_for);
  const workload::ParallelFor three = [](std::size_t count, const workload::ParallelBody& body) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 3; ++i)
      threads.emplace_back([&body, count, i] { body(count * i / 3, count * (i + 1) / 3); });
    for (std::thread& thread : threads) thread.join();
  };
  const TrainedCodebook many = train_codebook(shape, vectors.data(), 500, 9, three);
  EXPECT_EQ(one.book.centroids(), many.book.centroids());
  EXPECT_EQ(one.mean_squared_error, many.mean_squared_error);
  EXPECT_LT(one.mean_squared_error,
            16 * 0.2);  // 16 centroids in a plane of unit variance: 0.13 a component at best
  EXPECT_GT(one.mean_squared_error, 16 * 0.08);
}

}  // namespace
}  // namespace million
