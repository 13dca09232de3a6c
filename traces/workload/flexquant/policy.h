// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/flexquant/entropy.h"

namespace flexquant {

struct PolicySettings {
  std::vector<unsigned>
      layer_order;                 // layers in the order in which they switch to INT4 (ascending sensitivity)
  std::vector<double> thresholds;  // theta_j of layer_order[j]: smoothed PPLE below it switches the layer
  double hysteresis = 0.1;         // a layer switches back above theta_j * (1 + hysteresis)
  bool way_back = true;            // whether layers switch back at all
  unsigned window = 8;             // tokens over which PPLE is smoothed
};

// Chooses the weight precision of every decoder layer, token by token.
//
// State: the first `switched` layers of the order are at INT4, the others at INT8. Before a token is
// computed, observe() takes the PPLE of the distribution from which that token's input was chosen (so the
// first decoded token is decided by the prompt's last logits) and, with s the moving mean:
//   while the next layer's theta > s:                  switch it to INT4
//   if none was switched, and there is a way back:
//   while the last switched layer's theta * (1 + hysteresis) < s:  switch it back
// Layers beyond the order stay at INT8, and so does the head.
class PrecisionPolicy {
 public:
  // Throws sim::Error (usage) where the order is no permutation of a part of 0 .. layers - 1, the lists
  // differ in length, a threshold or the hysteresis is negative or not a number, or the window is 0.
  PrecisionPolicy(unsigned layers, PolicySettings settings);

  void observe(double pple);

  const std::vector<std::uint8_t>& layer_bits() const { return bits_; }  // 8 or 4, one a layer
  unsigned bits(unsigned layer) const { return bits_.at(layer); }
  unsigned switched() const { return switched_; }
  double smoothed() const { return smoothed_; }  // 0 before the first observation
  const PolicySettings& settings() const { return settings_; }

 private:
  PolicySettings settings_;
  MovingMean mean_;
  std::vector<std::uint8_t> bits_;
  unsigned switched_ = 0;
  double smoothed_ = 0;
};

}  // namespace flexquant
