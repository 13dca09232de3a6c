// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/pareto.h"

#include <algorithm>
#include <cmath>

namespace sim::sweep {
namespace {

bool better(const std::vector<double>& a, const std::vector<double>& b) {
  bool somewhere = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    somewhere = somewhere || a[i] < b[i];
  }
  return somewhere;
}

}  // namespace

// In lexicographic order a point can only be beaten by one before it, so the front grows and never shrinks.
// With two objectives the last point of the front has the least second objective so far.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (std::none_of(points[i].begin(), points[i].end(), [](double v) { return std::isnan(v); }))
      order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const bool two = points[i].size() <= 2;
    const bool beaten = two ? !front.empty() && better(points[front.back()], points[i])
                            : std::any_of(front.begin(), front.end(),
                                          [&](std::size_t f) { return better(points[f], points[i]); });
    if (!beaten) front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace sim::sweep
