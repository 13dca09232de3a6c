// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/thresholds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace workload {
namespace {

constexpr std::size_t kBins = 64;

// Share of prefix k.
std::vector<double> prefix_shares(const SwitchMeasurements& m) {
  std::vector<double> shares(1, 0.0);
  for (const double share : m.layer_share) shares.push_back(shares.back() + share);
  return shares;
}

// Calls use(token, signal): the smoothed PPLE that decides the token, for all tokens but the windows' first.
template <class Use>
void for_each_decided(const SwitchMeasurements& m, unsigned window, Use use) {
  for (std::size_t w = 0; w < m.window_begin.size(); ++w) {
    const std::size_t end = w + 1 < m.window_begin.size() ? m.window_begin[w + 1] : m.tokens();
    flexquant::MovingMean mean(window);
    for (std::size_t t = m.window_begin[w] + 1; t < end; ++t) use(t, mean.add(m.pple[t - 1]));
  }
}

struct Bin {
  double lowest = 0;  // smallest signal in it
  double highest = 0;
  std::size_t tokens = 0;
  std::vector<double> kl;  // [k], added up
};

std::vector<Bin> bins_of(const SwitchMeasurements& m, unsigned window) {
  std::vector<std::pair<double, std::size_t>> sorted;
  for_each_decided(m, window, [&](std::size_t t, double signal) { sorted.emplace_back(signal, t); });
  std::sort(sorted.begin(), sorted.end());
  std::vector<Bin> bins;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool next = i == 0 || i * kBins / sorted.size() != (i - 1) * kBins / sorted.size();
    if (next && (bins.empty() || sorted[i].first > bins.back().lowest))  // equal signals share a bin
      bins.push_back({sorted[i].first, 0, 0, std::vector<double>(m.layers() + 1, 0.0)});
    bins.back().highest = sorted[i].first;
    ++bins.back().tokens;
    for (std::size_t k = 0; k <= m.layers(); ++k) bins.back().kl[k] += m.prefix_kl[k][sorted[i].second];
  }
  return bins;
}

// The falling choice of layers over bins with the largest sum of share - price * KL.
std::vector<std::size_t> best_choice(const std::vector<Bin>& bins, const std::vector<double>& shares,
                                     double price) {
  const std::size_t states = shares.size();
  std::vector<std::vector<std::size_t>> from(bins.size(), std::vector<std::size_t>(states));
  std::vector<double> best(states, 0.0);
  for (std::size_t b = 0; b < bins.size(); ++b) {
    std::size_t above = states - 1;  // the best state of the bin before among those not below k
    std::vector<double> value(states);
    for (std::size_t k = states; k-- > 0;) {
      if (best[k] > best[above]) above = k;
      from[b][k] = above;
      value[k] = best[above] + static_cast<double>(bins[b].tokens) * shares[k] - price * bins[b].kl[k];
    }
    best = value;
  }
  std::vector<std::size_t> choice(bins.size());
  std::size_t k = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  for (std::size_t b = bins.size(); b-- > 0; k = from[b][k]) choice[b] = k;
  return choice;
}

std::vector<double> thresholds_of(const std::vector<Bin>& bins, const std::vector<std::size_t>& choice,
                                  std::size_t layers, double always) {
  std::vector<double> thresholds(layers, 0.0);
  for (std::size_t j = 0; j < layers; ++j) {
    std::size_t b = 0;
    while (b < bins.size() && choice[b] > j) ++b;
    thresholds[j] = b == 0 ? 0.0 : b == bins.size() ? always : (bins[b - 1].highest + bins[b].lowest) / 2;
  }
  return thresholds;
}

// Largest sum of gains within a budget of costs, both given as steps with falling gain per cost.
struct Step {
  double gain;
  double cost;
};
double greedy(std::vector<Step> steps, double budget) {
  std::sort(steps.begin(), steps.end(),
            [](const Step& a, const Step& b) { return a.gain * b.cost > b.gain * a.cost; });
  double gain = 0;
  for (const Step& step : steps) {
    if (step.cost > budget) return step.cost > 0 ? gain + step.gain * budget / step.cost : gain;
    budget -= step.cost;
    gain += step.gain;
  }
  return gain;
}

}  // namespace

SwitchResult simulate(const SwitchMeasurements& m, const flexquant::PolicySettings& settings) {
  const std::vector<double> shares = prefix_shares(m);
  flexquant::PolicySettings plain = settings;  // layers by their place in the order
  std::iota(plain.layer_order.begin(), plain.layer_order.end(), 0U);
  SwitchResult result;
  std::size_t count = 0;
  for (std::size_t w = 0; w < m.window_begin.size(); ++w) {
    const std::size_t end = w + 1 < m.window_begin.size() ? m.window_begin[w + 1] : m.tokens();
    flexquant::PrecisionPolicy policy(static_cast<unsigned>(m.layers()), plain);
    for (std::size_t t = m.window_begin[w] + 1; t < end; ++t, ++count) {
      policy.observe(m.pple[t - 1]);
      result.share += shares[policy.switched()];
      result.mean_kl += m.prefix_kl[policy.switched()][t];
    }
  }
  if (count == 0) return {};
  return {result.share / static_cast<double>(count), result.mean_kl / static_cast<double>(count)};
}

flexquant::PolicySettings solve_thresholds(const SwitchMeasurements& m, flexquant::PolicySettings settings,
                                           double max_kl) {
  const std::vector<Bin> bins = bins_of(m, settings.window);
  const std::vector<double> shares = prefix_shares(m);
  const double always = 1 + 2 * *std::max_element(m.pple.begin(), m.pple.end());
  flexquant::PolicySettings best = settings;
  best.thresholds.assign(m.layers(), 0.0);
  double best_share = 0;
  for (double price = 1e-4; price < 1e8; price *= 1.05) {
    settings.thresholds = thresholds_of(bins, best_choice(bins, shares, price), m.layers(), always);
    const SwitchResult result = simulate(m, settings);
    if (result.mean_kl > max_kl || result.share <= best_share) continue;
    best = settings;
    best_share = result.share;
  }
  return best;
}

OfflineOptimum offline_optimum(const SwitchMeasurements& m, double max_kl) {
  const std::vector<double> shares = prefix_shares(m);
  std::vector<Step> prefix_steps;
  std::vector<Step> layer_steps;
  std::size_t count = 0;
  for_each_decided(m, 1, [&](std::size_t t, double) {
    ++count;
    // Upper convex hull of (KL, share) over the prefixes: from each point to the one with the steepest rise.
    std::size_t at = 0;
    for (std::size_t k = 0; k <= m.layers(); ++k)  // the start: the largest prefix that costs nothing
      if (m.prefix_kl[k][t] <= 0) at = k;
    if (at > 0) prefix_steps.push_back({shares[at], 0});
    while (at < m.layers()) {
      std::size_t next = at;
      double steepest = -1;
      for (std::size_t k = at + 1; k <= m.layers(); ++k) {
        const double cost = std::max(m.prefix_kl[k][t] - m.prefix_kl[at][t], 0.0);
        const double rise =
            cost > 0 ? (shares[k] - shares[at]) / cost : std::numeric_limits<double>::infinity();
        if (rise >= steepest) {
          steepest = rise;
          next = k;
        }
      }
      prefix_steps.push_back(
          {shares[next] - shares[at], std::max(m.prefix_kl[next][t] - m.prefix_kl[at][t], 0.0)});
      at = next;
    }
    for (std::size_t j = 0; j < m.layers(); ++j) layer_steps.push_back({m.layer_share[j], m.layer_kl[j][t]});
  });
  if (count == 0) return {};
  const double tokens = static_cast<double>(count);
  return {greedy(std::move(prefix_steps), max_kl * tokens) / tokens,
          greedy(std::move(layer_steps), max_kl * tokens) / tokens};
}

}  // namespace workload
