// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/policy.h"

#include <cmath>
#include <string>
#include <utility>

#include "sim/core/error.h"

namespace flexquant {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw sim::Error(sim::Exit::usage, "precision policy: " + what);
}

void check(unsigned layers, const PolicySettings& settings) {
  if (settings.layer_order.size() != settings.thresholds.size())
    refuse(std::to_string(settings.layer_order.size()) + " layers in the order, but " +
           std::to_string(settings.thresholds.size()) + " thresholds");
  std::vector<bool> seen(layers, false);
  for (const unsigned layer : settings.layer_order) {
    if (layer >= layers)
      refuse("layer " + std::to_string(layer) + " in the order of a model of " + std::to_string(layers) +
             " layers");
    if (seen[layer]) refuse("layer " + std::to_string(layer) + " is twice in the order");
    seen[layer] = true;
  }
  for (const double threshold : settings.thresholds)
    if (!std::isfinite(threshold) || threshold < 0) refuse("a threshold is negative or not a number");
  if (!std::isfinite(settings.hysteresis) || settings.hysteresis < 0)
    refuse("the hysteresis is negative or not a number");
}

}  // namespace

PrecisionPolicy::PrecisionPolicy(unsigned layers, PolicySettings settings)
    : settings_(std::move(settings)), mean_(settings_.window), bits_(layers, 8) {
  check(layers, settings_);
}

void PrecisionPolicy::observe(double pple) {
  smoothed_ = mean_.add(pple);
  const unsigned before = switched_;
  while (switched_ < settings_.layer_order.size() && smoothed_ < settings_.thresholds[switched_])
    bits_[settings_.layer_order[switched_++]] = 4;
  if (switched_ != before || !settings_.way_back) return;
  while (switched_ > 0 && smoothed_ > settings_.thresholds[switched_ - 1] * (1 + settings_.hysteresis))
    bits_[settings_.layer_order[--switched_]] = 8;
}

}  // namespace flexquant
