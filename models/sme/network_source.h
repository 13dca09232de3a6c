// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/sme/run_source.h"
#include "models/sme/settings.h"

namespace sme {

// Activations that a run draws: normal values of a share of the range, unsigned ones behind a ReLU. A value
// depends on the seed, the layer, the product and its index only.
class DrawnInputs {
 public:
  DrawnInputs(const InputSection& inputs, std::uint64_t seed);
  void fill(std::uint32_t layer, std::uint64_t product, std::uint8_t* to, std::uint32_t count) const;

 private:
  std::uint64_t seed_;
  std::array<std::uint8_t, 4096> quantile_;
};

// Inferences of a network: its layers one after the other, each with the products of its output positions.
class NetworkSource final : public RunSource {
 public:
  NetworkSource(Chip& chip, const Settings& settings);
  std::uint64_t total() const override { return total_; }
  std::uint64_t inferences() const { return count_; }
  std::uint64_t simulated(std::uint32_t layer) const;  // products of one inference

 private:
  bool plan(Ring<Pass>& passes) override;
  void product_done(const Pass& pass) override;
  void pass_done(const Pass& pass, sim::Cycle now) override;
  void compute(std::uint32_t layer, std::uint64_t inference);

  static constexpr std::uint64_t kBatch = 32;  // products computed at a time
  const Settings& settings_;
  const std::uint64_t count_;
  const std::uint64_t positions_, values_;  // limits
  std::uint64_t total_ = 0;
  std::uint64_t inference_ = 0;
  DrawnInputs drawn_;
  // Of each layer, in the inference under way: products done whose values are wanted, and computed.
  struct Progress {
    std::uint64_t done = 0, computed = 0;
  };
  std::vector<Progress> progress_;
  std::vector<std::uint8_t> activations_;
  GemvResult result_;
};

}  // namespace sme
