// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/sample_estimator.h"

#include <array>
#include <cmath>

namespace sim {

void SampleEstimator::add_window(std::uint64_t ops, double cycles) {
  if (ops != 0) windows_.push_back({static_cast<double>(ops), cycles});
}

std::optional<double> SampleEstimator::mean_per_op() const {
  if (windows_.empty()) return std::nullopt;
  double ops = 0;
  double cycles = 0;
  for (const Window& w : windows_) {
    ops += w.ops;
    cycles += w.cycles;
  }
  return cycles / ops;
}

std::optional<double> SampleEstimator::ci95_half_width() const {
  if (windows_.size() < 2) return std::nullopt;
  const double mean = *mean_per_op();
  const double n = static_cast<double>(windows_.size());
  double ops = 0;
  double squares = 0;
  for (const Window& w : windows_) {
    const double residual = w.cycles - mean * w.ops;
    squares += residual * residual;
    ops += w.ops;
  }
  const double standard_error = std::sqrt(squares / (n - 1) / n) / (ops / n);
  return student_t_975(windows_.size() - 1) * standard_error;
}

std::optional<SampleEstimator::Extrapolation> SampleEstimator::extrapolate(std::uint64_t total_ops) const {
  const std::optional<double> mean = mean_per_op();
  if (!mean) return std::nullopt;
  const double ops = static_cast<double>(total_ops);
  Extrapolation result{*mean * ops, std::nullopt};
  if (const std::optional<double> half = ci95_half_width()) result.half_width = *half * ops;
  return result;
}

double student_t_975(std::size_t degrees) {
  static constexpr std::array<double, 30> kTable = {
      12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
      2.2010,  2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
      2.0796,  2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423};
  if (degrees == 0) return HUGE_VAL;  // one window says nothing about the spread
  if (degrees <= kTable.size()) return kTable[degrees - 1];
  // Expansion around the normal quantile (Abramowitz and Stegun 26.7.5).
  const double z = 1.959964;
  const double n = static_cast<double>(degrees);
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n);
}

}  // namespace sim
