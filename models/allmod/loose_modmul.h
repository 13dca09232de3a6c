// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/allmod/modmul_unit.h"
#include "sim/tlm/loose_port.h"

namespace allmod {

// The unit of modmul_unit.h, loosely timed: START works the whole program out, values by the bit-true
// Evaluator (config.lazy: by GMP's division) and times by result_cycles(); the payload's Tag says when the
// interrupt would rise. Registers: INPUTS, OPERATIONS, CONTROL, CYCLES, PROGRAM and VALUE of ModMulMap, at
// the same latencies. Other checks of the program than that its operands are there are left to ModMulUnit.
class LooseModMul final : public sc_core::sc_module, public HostedModMul, public sim::bus::LooseDevice {
 public:
  LooseModMul(sc_core::sc_module_name name, const ReducerConfig& config, const HostPortConfig& port,
              const Modulus& modulus, const MultiplierCycles& multiplier, sim::Failure& failure,
              sim::stats::Group& stats);
  ~LooseModMul() override;

  tlm::tlm_target_socket<64>& socket() override { return port_.socket; }
  const char* unit_name() const override { return name(); }
  void on_result(ModMulFrontEnd::OnResult listener) override { listener_ = std::move(listener); }
  void product(std::uint32_t operation, Limb* x) const override;
  const Datapath& datapath() const override { return datapath_; }
  const Modulus& modulus() const override { return modulus_; }
  unsigned lanes() const override { return config_.lanes; }
  sc_core::sc_time period() const override { return clock_.period(); }
  Counters counters() const override { return evaluator_.counters(); }
  sim::Cycle busy_cycles() const override { return busy_cycles_; }

  Reply access(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) override;

 private:
  Reply control(std::uint64_t value, std::uint64_t at_ps);
  Limb* value(std::size_t id) { return reinterpret_cast<Limb*>(values_.data()) + id * datapath_.n_limbs(); }
  const Limb* value(std::size_t id) const {
    return reinterpret_cast<const Limb*>(values_.data()) + id * datapath_.n_limbs();
  }

  const Modulus modulus_;
  ReducerConfig config_;
  MultiplierCycles multiplier_;
  sim::ClockDomain clock_;  // its period; nothing works on its edges
  Datapath datapath_;
  Tables tables_;
  Evaluator evaluator_;
  sim::bus::LoosePort<64> port_;
  std::vector<ChainProgram::Operation> program_;
  std::vector<unsigned char> values_;  // as VALUE shows them
  std::uint64_t inputs_ = 0, operations_ = 0;
  bool there_ = false;
  sim::Cycle started_ = 0, finished_ = 0, busy_cycles_ = 0;
  ModMulFrontEnd::OnResult listener_;

  sim::stats::Group group_;
  sim::stats::Counter programs_, multiplications_;
};

}  // namespace allmod
