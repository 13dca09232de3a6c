// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/allmod_units.h"

#include "models/allmod/function/multiplier.h"
#include "models/allmod/loose_modmul.h"

namespace platform {

using allmod::Limb;
using allmod::ModMulMap;
using common::Cause;
using common::Command;

AllmodChannel::AllmodChannel(sc_core::sc_module_name name, unsigned number, allmod::HostedModMul& unit,
                             bool check, common::HostLink& link, sim::Failure& failure)
    : UnitChannel(name, number, link, failure), unit_(unit) {
  if (check) oracle_ = std::make_unique<allmod::Oracle>(unit.modulus());
  x_.resize(unit.datapath().x_limbs());
  unit.on_result([this](std::uint32_t operation, const Limb* result, sim::Cycle) {
    ++reductions_;
    if (!oracle_) return;
    unit_.product(operation, x_.data());
    if (!oracle_->agrees(x_.data(), result)) ++mismatches_;
  });
}

void AllmodChannel::set_up() { set(ModMulMap::kControl, ModMulMap::kIrqEnable); }

void AllmodChannel::set_if(std::uint64_t address, std::uint64_t value, std::uint64_t& last) {
  if (value != last) set(address, last = value);
}

void AllmodChannel::start(Command& command) {
  const allmod::ChainProgram& program = *static_cast<const ChainWork&>(*command.work).program;
  set_if(ModMulMap::kInputs, program.inputs(), inputs_);
  set_if(ModMulMap::kOperations, program.operations().size(), operations_);
  write(ModMulMap::kProgram, program.operations().data(),
        program.operations().size() * sizeof program.operations()[0]);
  const std::size_t limbs = unit_.value_bytes() / sizeof(Limb);
  std::vector<Limb> values(program.inputs() * limbs);
  for (std::size_t i = 0; i < program.inputs(); ++i)
    allmod::to_limbs(program.input(i), &values[i * limbs], limbs);
  write(ModMulMap::kValue, values.data(), values.size() * sizeof(Limb));
  set(ModMulMap::kControl, ModMulMap::kIrqEnable | ModMulMap::kStart);
}

void AllmodChannel::collect() {
  Command& command = *commands_under_way().front();
  const auto& work = static_cast<const ChainWork&>(*command.work);
  const allmod::ChainProgram& program = *work.program;
  const common::Ps now = this->now();
  command.passed(Cause::allmod, now);
  command.finished = now;
  const std::uint64_t before = moved();
  const sim::Cycle cycles = get(ModMulMap::kCycles);
  const std::size_t bytes = unit_.value_bytes();
  std::vector<Limb> value(bytes / sizeof(Limb));
  for (const allmod::ChainProgram::Output& output : program.outputs()) {
    read(ModMulMap::kValue + output.value * bytes, value.data(), bytes);
    ++outputs_;
    if (allmod::to_mpz(value.data(), value.size()) != output.expected) ++wrong_outputs_;
  }
  set(ModMulMap::kControl, ModMulMap::kIrqEnable | ModMulMap::kClear);
  Parts& parts = parts_[{work.matrix, work.weight_bits}];
  ++parts.parts;
  parts.multiplications += program.operations().size();
  parts.population = work.population;
  const common::Ps time = unit_.period().value() * (cycles + 1);
  parts.time += time;
  busy_ += time;
  command.account.bus_bytes += moved() - before;
  command.passed(Cause::bus, this->now());
  done(command);
}

void AllmodUnits::elaborate(unsigned first_channel, common::HostLink& link, sim::app::RunContext& context) {
  modulus_ = std::make_unique<allmod::Modulus>(settings_.allmod.replay->program->modulus());
  const auto timing =
      allmod::multiplier_timing(settings_.allmod_units.multiplier.multiplier, settings_.allmod.design.n);
  units_.resize(settings_.allmod_units.units);
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    const std::string name = "allmod" + std::to_string(i);
    unit.group = std::make_unique<sim::stats::Group>(context.stats, "modmul", i);
    const allmod::MultiplierCycles multiplier{timing.latency(), timing.ii};
    allmod::ModMulUnit* made = nullptr;  // null: loosely timed
    if (settings_.fast()) {
      unit.unit = std::make_unique<allmod::LooseModMul>(name.c_str(), settings_.allmod.reducer(),
                                                        settings_.allmod_units.port, *modulus_, multiplier,
                                                        context.failure, *unit.group);
    } else {
      const allmod::ReducerConfig reducer = settings_.allmod.reducer();
      unit.recorder = std::make_unique<sim::record::Recorder>(
          context.recorder, sim::period_ps(reducer.clock_mhz),
          [name](const std::string& path) { return name + path.substr(path.find('/')); });  // allmod/lane0
      auto event =
          std::make_unique<allmod::ModMulUnit>(name.c_str(), reducer, settings_.allmod_units.port, *modulus_,
                                               multiplier, context.failure, *unit.group, *unit.recorder);
      event->reducer().domain().shuffle(context.shuffle_seed);
      made = event.get();
      unit.unit = std::move(event);
    }
    unit.channel = std::make_unique<AllmodChannel>(
        ("host_" + name).c_str(), first_channel + static_cast<unsigned>(i), *unit.unit,
        settings_.fidelity.value == Value::checked, link, context.failure);
    unit.irq = std::make_unique<sc_core::sc_signal<bool>>((name + "_irq").c_str());
    if (made != nullptr) made->irq.bind(*unit.irq);
    unit.channel->irq.bind(*unit.irq);
  }
}

std::map<std::pair<int, unsigned>, AllmodChannel::Parts> AllmodUnits::parts() const {
  std::map<std::pair<int, unsigned>, AllmodChannel::Parts> all;
  for (const Unit& unit : units_) {
    for (const auto& [key, parts] : unit.channel->parts()) {
      AllmodChannel::Parts& sum = all[key];
      sum.parts += parts.parts;
      sum.multiplications += parts.multiplications;
      sum.population = parts.population;
      sum.time += parts.time;
    }
  }
  return all;
}

}  // namespace platform
