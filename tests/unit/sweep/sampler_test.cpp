// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sampler.h"

#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "sim/sweep/pareto.h"
#include "tests/support/temp_folder.h"
#include "toy_model.h"

namespace sim::sweep {
namespace {

class SamplerTest : public ::testing::Test {
 protected:
  SamplerTest() {
    registry_.add(toy::make_model());
    std::ofstream(folder_ / "toy.yaml") << "model: toy\n";
  }
  Space space(const std::string& axes) {
    const auto file = folder_ / "sweep.yaml";
    std::ofstream(file) << "sweep: s\nbase: toy.yaml\n" << axes;
    loaded_ = load_sweep(file.string(), {});
    return Space(loaded_, registry_);
  }

  test_support::TempFolder folder_;
  app::Registry registry_;
  LoadedSweep loaded_;
};

constexpr const char* kTwoAxes =
    "axes:\n"
    "  - {path: design.latency, values: [1, 2, 3]}\n"
    "  - {path: trouble.fault, name: fault, values: [none, input]}\n"
    "  - {path: trouble.at, range: [0, 4, 2], when: fault == input}\n";

TEST_F(SamplerTest, a_grid_has_every_point_once) {
  const Space s = space(kTwoAxes);
  EXPECT_EQ(s.combinations(), 18U);
  const auto positions = grid_positions(s);
  EXPECT_EQ(positions.size(), 3U * (1 + 3));  // trouble.at counts for one fault of two
  std::set<std::string> digests;
  for (const auto& at : positions) digests.insert(s.point(at)->digest);
  EXPECT_EQ(digests.size(), positions.size());
}

TEST_F(SamplerTest, positions_that_differ_where_an_axis_takes_no_part_are_one_point) {
  const Space s = space(kTwoAxes);
  EXPECT_EQ(s.point({0, 0, 0})->digest, s.point({0, 0, 2})->digest);
  EXPECT_NE(s.point({0, 1, 0})->digest, s.point({0, 1, 2})->digest);
  EXPECT_EQ(s.tidy({1, 0, 2}), (Coordinates{1, 0, 0}));
  EXPECT_EQ(s.tidy({1, 1, 2}), (Coordinates{1, 1, 2}));
}

TEST_F(SamplerTest, derived_settings_and_requirements_follow_the_axes) {
  const Space s = space(
      "axes:\n  - {path: design.latency, log_range: [1, 64, 4]}\n  - {path: workload.count, range: [10, 30, "
      "10]}\n"
      "derived:\n  - {path: trouble.at, expression: design.latency * 2 + workload.seed}\n"
      "require: [workload.count > design.latency]\n");
  EXPECT_EQ(s.axes()[0].values.size(), 4U);  // 1 4 16 64
  const auto point = s.point({1, 0});
  ASSERT_TRUE(point);
  EXPECT_THAT(point->assignments,
              ::testing::ElementsAre("design.latency=4", "workload.count=10", "trouble.at=9"));
  EXPECT_FALSE(s.point({2, 0}));  // 10 is not above 16
  EXPECT_TRUE(s.point({2, 1}));
}

TEST_F(SamplerTest, a_file_counts_by_its_content) {
  const auto operands = folder_ / "operands.txt";
  std::ofstream(operands) << "1\n";
  const std::string axes =
      "set: [workload.file=" + operands.string() + "]\naxes: [{path: design.latency, values: [1]}]\n";
  const std::string before = space(axes).point({0})->digest;
  EXPECT_EQ(space(axes).point({0})->digest, before);
  std::ofstream(operands) << "2\n";
  EXPECT_NE(space(axes).point({0})->digest, before);
}

TEST_F(SamplerTest, random_and_lhs_repeat_with_their_seed) {
  const Space s = space(kTwoAxes);
  EXPECT_EQ(random_positions(s, 50, 3), random_positions(s, 50, 3));
  EXPECT_NE(random_positions(s, 50, 3), random_positions(s, 50, 4));
  EXPECT_EQ(latin_hypercube_positions(s, 50, 3), latin_hypercube_positions(s, 50, 3));
  EXPECT_NE(latin_hypercube_positions(s, 50, 3), latin_hypercube_positions(s, 50, 4));
}

TEST_F(SamplerTest, lhs_uses_every_value_equally_often) {
  const Space s = space(
      "axes:\n  - {path: design.latency, range: [1, 7]}\n  - {path: workload.count, range: [1, 100]}\n");
  for (const std::uint64_t points : {7U, 50U, 100U, 213U}) {
    std::vector<std::map<std::uint32_t, unsigned>> used(2);
    for (const auto& at : latin_hypercube_positions(s, points, points)) {
      ++used[0][at[0]];
      ++used[1][at[1]];
    }
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const double each = static_cast<double>(points) / static_cast<double>(s.axes()[axis].values.size());
      for (const auto& u : used[axis]) {
        EXPECT_LE(u.second, std::ceil(each) + 1) << points;
        if (each >= 2) {
          EXPECT_GE(u.second, std::floor(each) - 1) << points;
        }
      }
    }
    if (points >= 100) {
      EXPECT_EQ(used[1].size(), 100U);
    }
  }
}

// Objectives of a known front: of points (a, b) in [0, 31]^2, f1 = a + b/31, f2 = (31 - a) + b/31: best
// wherever b = 0.
class EvolutionTest : public SamplerTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EvolutionTest, finds_a_known_front_the_same_way_each_time) {
  const Space s = space(
      "axes:\n  - {path: design.latency, range: [1, 32]}\n  - {path: workload.count, range: [1, 32]}\n"
      "objectives: [{minimise: operations}, {minimise: sim_cycles}]\nsampler: {kind: " +
      std::string(GetParam()) + ", population: 40, generations: 30, islands: 2, seed: 5}\n");
  std::vector<std::vector<Coordinates>> asked(2);
  for (auto& batches : asked) {
    const auto sampler = make_sampler(s, loaded_.config);
    std::map<Coordinates, std::vector<double>> all;
    sampler->sample([&](const std::vector<Coordinates>& positions) {
      std::vector<Value> values;
      for (const auto& at : positions) {
        Value v;
        v.feasible = at[0] != 3;  // a hole in the front
        v.objectives = {at[0] + at[1] / 31.0, 31 - at[0] + at[1] / 31.0};
        if (v.feasible) all[at] = v.objectives;
        values.push_back(v);
        batches.push_back(at);
      }
      return values;
    });
    std::vector<std::vector<double>> points;
    for (const auto& p : all) points.push_back(p.second);
    std::size_t best = 0;
    for (const std::size_t i : pareto_front(points))
      best += points[i][0] == std::floor(points[i][0]) && points[i][0] < 31;
    EXPECT_GE(best, 20U) << "of 31 on the front";
    EXPECT_LE(batches.size(), sampler->expected());
  }
  EXPECT_EQ(asked[0], asked[1]);
}

INSTANTIATE_TEST_SUITE_P(Pagmo, EvolutionTest, ::testing::Values("nsga2", "moead"));

TEST_F(SamplerTest, an_exception_ends_evolution) {
  for (const char* kind : {"nsga2", "moead"}) {
    const Space s = space(
        "axes:\n  - {path: design.latency, range: [1, 32]}\nobjectives: [{minimise: operations}, {minimise: "
        "sim_cycles}]\nsampler: {kind: " +
        std::string(kind) + "}\n");
    struct Enough {};
    unsigned calls = 0;
    EXPECT_THROW(make_sampler(s, loaded_.config)->sample([&](const std::vector<Coordinates>& positions) {
      if (++calls == 3) throw Enough{};
      return std::vector<Value>(positions.size(), Value{{1, 2}, true});
    }),
                 Enough);
  }
}

}  // namespace
}  // namespace sim::sweep
