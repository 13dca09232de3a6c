// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/model.h"
#include "sim/sweep/expression.h"
#include "sim/sweep/sweep_config.h"

namespace sim::sweep {

// A value an axis may have.
struct AxisValue {
  std::string text;                      // shown, and what the axis's name stands for
  std::vector<std::string> assignments;  // PATH=VALUE
};

struct Axis {
  std::string name;
  std::vector<AxisValue> values;
  std::optional<Expression> when;
};

// One point: everything that tells it from others.
struct Point {
  std::string digest;                    // see Space::point
  std::string base;                      // configuration file
  std::vector<std::string> assignments;  // PATH=VALUE: set, axes, derived
  std::vector<std::string> labels;       // a text for each axis; empty where it does not count
};

// The position of a point: an index into the values of every axis.
using Coordinates = std::vector<std::uint32_t>;

// What a sweep file spans.
class Space {
 public:
  // Checks paths, values and names against the base configuration and the model's result keys. Throws
  // app::Reported(Exit::usage) with everything that is wrong, sim::Error when the base cannot be read.
  Space(const LoadedSweep& sweep, const app::Registry& registry);

  const std::vector<Axis>& axes() const { return axes_; }
  // Of all combinations, conditions ignored; saturates at 2^64 - 1.
  std::uint64_t combinations() const;

  // Absent where a requirement does not hold. Axes whose condition does not hold take no part: positions that
  // differ there only give the same point. The digest is over the base configuration with its includes, the
  // input files that it or the point names, the assignments in order, and the version of the program: equal
  // digests, equal results.
  std::optional<Point> point(const Coordinates& at) const;
  // The position of the same point that is 0 on the axes that take no part there.
  Coordinates tidy(const Coordinates& at) const;

  // What a name stands for at a point: an axis, an assigned setting, a setting of the base.
  std::optional<std::string> setting(const Point& point, const std::string& name) const;

  const std::string& model() const { return model_; }
  const std::string& identity() const {
    return identity_;
  }  // digest of the whole sweep: same space, same results

 private:
  bool active(std::size_t axis, const Point& partial) const;
  bool fill(Coordinates& at, Point& point) const;
  void check_axes(const LoadedSweep& sweep, const app::Registry& registry);
  std::string base_digest(const std::string& file) const;
  std::string files_digest(const Point& point) const;

  std::vector<Axis> axes_;
  struct Derived {
    std::string path;
    Expression expression;
    std::optional<Expression> when;
  };
  std::vector<Derived> derived_;
  std::vector<Expression> require_;
  std::vector<std::string> set_;
  std::string base_;
  std::string model_;
  std::string identity_;
  std::map<std::string, std::map<std::string, std::string>> settings_;  // of every base: path -> value
  mutable std::map<std::string, std::string> base_digests_;
  mutable std::map<std::string, std::string> file_digests_;
};

}  // namespace sim::sweep
