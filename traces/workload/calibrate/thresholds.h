// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

#include "traces/workload/flexquant/policy.h"

namespace workload {

// What was measured on the calibration text, token by token. "Prefix k" is the model with the first k layers
// of the order at INT4 and the others at INT8; prefix 0 is INT8 throughout.
struct SwitchMeasurements {
  std::vector<std::size_t> window_begin;  // first token of every window; a window starts a sequence
  std::vector<double> pple;               // of the INT8 model's distribution behind a token
  std::vector<std::vector<double>>
      prefix_kl;  // [k][token], nats, KL(p_int8 || p_prefix_k) behind the token; k = 0: zeros
  std::vector<std::vector<double>> layer_kl;  // [j][token], layer order[j] alone at INT4
  std::vector<double>
      layer_share;  // [j] weights of layer order[j] over all that a token reads, head included

  std::size_t tokens() const { return pple.size(); }
  std::size_t layers() const { return layer_share.size(); }
};

struct SwitchResult {
  double share = 0;    // f: mean share of weights read at INT4
  double mean_kl = 0;  // nats a token
};

// Runs the policy over the measurements, as decoding would: before a token (but a window's first, which is
// left out) it observes the PPLE behind the token before, and then pays prefix_kl of the state that it is in.
// The effect of earlier tokens' precision on the cache is that of the same prefix throughout: an
// approximation.
SwitchResult simulate(const SwitchMeasurements& m, const flexquant::PolicySettings& settings);

// Thresholds (settings.thresholds is replaced) with the largest share for which simulate() stays within
// max_kl.
//
// Without hysteresis a choice of falling thresholds is a choice of a falling number of layers over the
// smoothed PPLE. Tokens are sorted by it and put into 64 bins of equal size; for a price lambda of a nat,
// dynamic programming over the bins gives the best falling choice of share - lambda * KL; lambda runs over a
// geometric grid, and the best candidate whose simulation (hysteresis included) keeps the budget is taken.
// All thresholds 0 (INT8 throughout) always does.
flexquant::PolicySettings solve_thresholds(const SwitchMeasurements& m, flexquant::PolicySettings settings,
                                           double max_kl);

// The offline optimum: the largest share under the same mean KL when every token's choice may look at its own
// KL.
struct OfflineOptimum {
  double any_prefix = 0;  // per token one prefix of the order, KLs as measured (convex hull and greedy: exact
                          // but for one token)
  double any_layers =
      0;  // per token any set of layers, KLs of single layers added up (greedy; the sum is an approximation)
};
OfflineOptimum offline_optimum(const SwitchMeasurements& m, double max_kl);

}  // namespace workload
