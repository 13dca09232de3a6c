// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sampler.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "sim/core/error.h"

namespace sim::sweep {
namespace {

constexpr std::uint64_t kMostPositions = 10'000'000;

// std::uniform_int_distribution differs from library to library; this does not.
std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
  const std::uint64_t limit = bound * (~std::uint64_t{0} / bound);
  std::uint64_t value = random();
  while (value >= limit) value = random();
  return value % bound;
}

class Fixed final : public Sampler {
 public:
  explicit Fixed(std::vector<Coordinates> positions) : positions_(std::move(positions)) {}
  void sample(const Evaluate& evaluate) override { evaluate(positions_); }
  std::uint64_t expected() const override { return positions_.size(); }

 private:
  std::vector<Coordinates> positions_;
};

}  // namespace

std::vector<Coordinates> grid_positions(const Space& space) {
  if (space.combinations() > kMostPositions) {
    throw Error(Exit::usage,
                "the grid has " + std::to_string(space.combinations()) +
                    " combinations, more than 10 million; narrow its axes or choose another sampler");
  }
  std::vector<Coordinates> positions;
  Coordinates at(space.axes().size(), 0);
  for (;;) {
    if (space.tidy(at) == at) positions.push_back(at);
    std::size_t i = at.size();
    while (i > 0 && ++at[i - 1] == space.axes()[i - 1].values.size()) at[--i] = 0;
    if (i == 0) return positions;
  }
}

std::vector<Coordinates> random_positions(const Space& space, std::uint64_t points, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Coordinates> positions;
  for (std::uint64_t n = 0; n < points; ++n) {
    Coordinates at;
    for (const Axis& axis : space.axes())
      at.push_back(static_cast<std::uint32_t>(below(random, axis.values.size())));
    positions.push_back(space.tidy(at));
  }
  return positions;
}

// Every axis is cut into as many strata as there are points, and each stratum is hit once: with fewer values
// than points every value is used equally often, to within one.
std::vector<Coordinates> latin_hypercube_positions(const Space& space, std::uint64_t points,
                                                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Coordinates> positions(points, Coordinates(space.axes().size(), 0));
  std::vector<std::uint64_t> order(points);
  for (std::size_t axis = 0; axis < space.axes().size(); ++axis) {
    std::iota(order.begin(), order.end(), 0);
    for (std::uint64_t i = points; i > 1; --i) std::swap(order[i - 1], order[below(random, i)]);
    const std::uint64_t values = space.axes()[axis].values.size();
    for (std::uint64_t i = 0; i < points; ++i) {
      // Stratum s covers [s, s + 1) * values / points; one point drawn inside.
      const std::uint64_t at = order[i] * values + below(random, values);
      positions[i][axis] = static_cast<std::uint32_t>(std::min(at / points, values - 1));
    }
  }
  for (Coordinates& at : positions) at = space.tidy(at);
  return positions;
}

std::unique_ptr<Sampler> make_sampler(const Space& space, const SweepConfig& config) {
  const SamplerConfig& s = config.sampler;
  switch (s.kind) {
    case SamplerKind::grid:
      return std::make_unique<Fixed>(grid_positions(space));
    case SamplerKind::random:
      return std::make_unique<Fixed>(random_positions(space, s.points, s.seed));
    case SamplerKind::lhs:
      return std::make_unique<Fixed>(latin_hypercube_positions(space, s.points, s.seed));
    case SamplerKind::nsga2:
    case SamplerKind::moead:
      return make_evolution(space, config);
  }
  throw Error(Exit::internal, "a sampler without a name");
}

}  // namespace sim::sweep
