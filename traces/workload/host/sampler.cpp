// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "sim/core/error.h"

namespace workload {

Sampler::Sampler(const SamplerSettings& settings) : settings_(settings), random_(settings.seed) {
  if (!(settings.temperature >= 0) || !std::isfinite(settings.temperature)) {
    throw sim::Error(sim::Exit::usage, "the temperature must be 0 (greedy) or above");
  }
}

std::uint32_t Sampler::choose(const std::vector<float>& logits) {
  const auto best =
      static_cast<std::uint32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  if (settings_.temperature == 0) return best;
  // Most likely first, lower index first on ties, so that what top_k cuts off is defined.
  std::vector<std::uint32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return logits[a] > logits[b]; });
  if (settings_.top_k != 0 && settings_.top_k < order.size()) order.resize(settings_.top_k);
  std::vector<double> weights;
  double total = 0;
  for (const std::uint32_t id : order) {
    const double above = static_cast<double>(logits[id]) - static_cast<double>(logits[best]);
    weights.push_back(std::exp(above / settings_.temperature));
    total += weights.back();
  }
  // 53 bits of a draw as a number in [0, 1): the same on every machine, unlike
  // std::uniform_real_distribution.
  double rest = static_cast<double>(random_() >> 11) * 0x1p-53 * total;
  for (std::size_t i = 0; i < order.size(); ++i) {
    rest -= weights[i];
    if (rest < 0) return order[i];
  }
  return order.back();
}

std::string Sampler::text() const {
  if (settings_.temperature == 0) return "greedy";
  char text[64];
  std::snprintf(text, sizeof text, "temperature %g", settings_.temperature);
  std::string whole = text;
  if (settings_.top_k != 0) whole += " top-k " + std::to_string(settings_.top_k);
  return whole + " seed " + std::to_string(settings_.seed);
}

}  // namespace workload
