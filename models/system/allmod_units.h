// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/allmod/function/oracle.h"
#include "models/allmod/modmul_unit.h"
#include "models/common/unit_channel.h"
#include "models/system/settings.h"
#include "models/system/trace_commands.h"
#include "sim/app/model.h"
#include "sim/record/recorder.h"
#include "sim/stats/group.h"

namespace platform {

// The host's queue of one unit: writes residues and a program, starts, reads the outputs at the interrupt.
// Every reduction is compared with GMP's as it leaves its lane, every output with mpz_powm's.
class AllmodChannel final : public common::UnitChannel {
 public:
  AllmodChannel(sc_core::sc_module_name name, unsigned number, allmod::HostedModMul& unit, bool check,
                common::HostLink& link, sim::Failure& failure);

  // Samples of one matrix at one precision.
  struct Parts {
    std::uint64_t parts = 0, multiplications = 0, population = 0;
    common::Ps time = 0;  // from START to the last result
  };
  const std::map<std::pair<int, unsigned>, Parts>& parts() const { return parts_; }  // by matrix, bits
  std::uint64_t reductions() const { return reductions_; }
  std::uint64_t mismatches() const { return mismatches_; }
  std::uint64_t outputs() const { return outputs_; }
  std::uint64_t wrong_outputs() const { return wrong_outputs_; }
  common::Ps busy() const { return busy_; }

 private:
  void set_up() override;
  bool room() const override { return under_way() == 0; }
  void start(common::Command& command) override;
  void collect() override;
  void set_if(std::uint64_t address, std::uint64_t value, std::uint64_t& last);

  allmod::HostedModMul& unit_;
  std::uint64_t inputs_ = 0, operations_ = 0;  // as the registers have them
  common::Ps started_ = 0, busy_ = 0;
  std::map<std::pair<int, unsigned>, Parts> parts_;
  std::uint64_t reductions_ = 0, mismatches_ = 0, outputs_ = 0, wrong_outputs_ = 0;
  std::unique_ptr<allmod::Oracle> oracle_;
  std::vector<allmod::Limb> x_;
};

class AllmodUnits {
 public:
  explicit AllmodUnits(const Settings& settings) : settings_(settings) {}

  // Unit i is on channel first_channel + i.
  void elaborate(unsigned first_channel, common::HostLink& link, sim::app::RunContext& context);

  struct Unit {
    std::unique_ptr<sim::stats::Group> group;
    std::unique_ptr<sim::record::Recorder> recorder;  // of its own clock and name
    std::unique_ptr<allmod::HostedModMul> unit;
    std::unique_ptr<AllmodChannel> channel;
    std::unique_ptr<sc_core::sc_signal<bool>> irq;
  };
  std::vector<Unit>& units() { return units_; }
  const std::vector<Unit>& units() const { return units_; }
  const allmod::Modulus& modulus() const { return *modulus_; }
  // Samples of all units.
  std::map<std::pair<int, unsigned>, AllmodChannel::Parts> parts() const;

 private:
  const Settings& settings_;
  std::unique_ptr<allmod::Modulus> modulus_;
  std::vector<Unit> units_;
};

}  // namespace platform
