// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "models/sme/chip.h"
#include "models/sme/pass_planner.h"
#include "sim/core/failure.h"

namespace sme::test {

// K x M codes of 8 planes, drawn; every plane of every tile has ones.
inline std::shared_ptr<const Layer> make_layer(std::uint32_t inputs, std::uint32_t outputs,
                                               LayerSettings settings = {}, std::uint64_t seed = 1) {
  CodedMatrix m;
  m.name = "k" + std::to_string(inputs) + "m" + std::to_string(outputs);
  m.inputs = inputs;
  m.outputs = outputs;
  m.planes = 8;
  m.scales = {1.0f};
  std::mt19937_64 random(seed);
  for (std::uint64_t i = 0; i < std::uint64_t{inputs} * outputs; ++i) {
    m.codes.push_back(static_cast<std::int16_t>(static_cast<int>(random() % 511) - 255));
  }
  return std::make_shared<Layer>(std::move(m), settings);
}

inline LayerSettings magnitude(unsigned degree = 0) {
  LayerSettings s;
  s.mapping.sign = SignMode::magnitude;
  s.mapping.squeeze_degree = degree;
  return s;
}

// Passes given in advance; keeps what came of them.
class Script : public PassSource {
 public:
  struct Event {
    std::uint64_t tag, position;
    Cycle cycle;
    bool operator==(const Event& o) const {
      return tag == o.tag && position == o.position && cycle == o.cycle;
    }
  };
  bool next(Pass& pass) override {
    if (passes.empty()) return false;
    pass = passes.front();
    passes.pop();
    return true;
  }
  void begun(const Pass& pass, Cycle now) override { begins.push_back({pass.tag, 0, now}); }
  void position_done(const Pass& pass, std::uint64_t position, Cycle now) override {
    products.push_back({pass.tag, position, now});
  }
  void done(const Pass& pass, Cycle now) override { ends.push_back({pass.tag, 0, now}); }

  Ring<Pass> passes;
  std::vector<Event> begins, products, ends;
};

// A chip that computes what its script says.
struct ChipBench {
  ChipBench(const std::string& name, const ChipConfig& config,
            std::vector<std::shared_ptr<const Layer>> layers)
      : stats(name), chip(name.c_str(), config, std::move(layers), failure, stats, recorder), planner(chip) {
    chip.bind(script);
  }
  // `positions` products of a layer, with the first `planes` planes driven (0: all).
  void add(std::uint32_t layer, std::uint64_t positions, unsigned planes = 0, bool depends = true) {
    planner.plan(layer, planes, positions, tag++, depends, script.passes);
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Chip chip;
  PassPlanner planner;
  Script script;
  std::uint64_t tag = 0;
};

}  // namespace sme::test
