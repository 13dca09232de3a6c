// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "models/sme/chip.h"
#include "models/sme/layer_run.h"
#include "models/sme/pass_planner.h"

namespace sme {

// The passes of a run of the command line, and what came of them by layer.
class RunSource : public PassSource {
 public:
  explicit RunSource(Chip& chip) : chip_(chip), planner_(chip), layers_(chip.maps().size()) {}

  bool next(Pass& pass) override;
  void begun(const Pass& pass, sim::Cycle now) override;
  void position_done(const Pass& pass, std::uint64_t position, sim::Cycle now) override;
  void done(const Pass& pass, sim::Cycle now) override;

  virtual std::uint64_t total() const = 0;  // products; 0 = not known
  std::uint64_t products() const { return products_; }
  bool finished() const { return finished_; }
  sim::Cycle last_cycle() const { return last_; }
  const std::vector<LayerRun>& layers() const { return layers_; }

 protected:
  // Plans further passes; false: there are none.
  virtual bool plan(Ring<Pass>& passes) = 0;
  // A product of the pass's layer is done, in all rounds.
  virtual void product_done(const Pass& pass) = 0;
  virtual void pass_done(const Pass& pass, sim::Cycle now) = 0;

  Chip& chip_;
  PassPlanner planner_;
  std::vector<LayerRun> layers_;

 private:
  Ring<Pass> planned_;
  Ring<sim::Cycle> begun_;  // of the passes under way, oldest first
  bool finished_ = false;
  std::uint64_t products_ = 0;
  std::uint64_t under_way_ = 0;
  bool exhausted_ = false;
  sim::Cycle last_ = 0;
  sim::Cycle writing_ = 0;  // since the last pass of a layer
  Activity written_;
};

}  // namespace sme
