// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/modmul_unit.h"

#include <algorithm>
#include <cstring>

namespace allmod {

using sim::Cycle;

namespace {

ReducerConfig without_socket(ReducerConfig config) {
  config.with_socket = false;
  return config;
}

struct Pair {
  std::uint32_t a, b;
};

}  // namespace

ModMulUnit::ModMulUnit(sc_core::sc_module_name name, ReducerConfig config, const HostPortConfig& port,
                       const Modulus& modulus, const MultiplierCycles& multiplier, sim::Failure& failure,
                       sim::stats::Group& stats, sim::record::Recorder& recorder)
    : sc_module(name),
      irq("irq"),
      modulus_(modulus),
      reducer_("reducer", without_socket(std::move(config)), modulus, failure, stats, recorder),
      registers_("modmul") {
  const Datapath& datapath = reducer_.datapath();
  front_ = std::make_unique<ModMulFrontEnd>(reducer_.domain(), reducer_.lanes(), multiplier,
                                            datapath.x_limbs(), datapath.n_limbs(), stats);
  for (unsigned i = 0; i < reducer_.lanes(); ++i) {
    reducer_.operands[i].bind(front_->source(i));
    reducer_.results[i].bind(front_->sink(i));
  }
  front_->on_product([this](unsigned lane, Cycle at) { reducer_.lane(lane).wake(at); });
  front_->on_result([this](std::uint32_t operation, const Limb* result, Cycle cycle) {
    if (listener_) listener_(operation, result, cycle);
    ++multiplications_;
    finished_ = std::max(finished_, cycle);
    if (++results_ < program_->operations().size()) return;
    ++done_;
    busy_cycles_ += finished_ + 1 - started_;
    irq_event_.notify(reducer_.domain().time_of(finished_ + 1) - sc_core::sc_time_stamp());
  });
  declare_registers(registers_, this);
  const sc_core::sc_time period = reducer_.domain().period();
  port_ = std::make_unique<sim::bus::TargetPort<64>>(
      "port", *this,
      sim::bus::PortTiming{period * port.accept_cycles, period * port.response_cycles,
                           period * port.beat_cycles});
  SC_HAS_PROCESS(ModMulUnit);
  SC_METHOD(drive_irq);
  sensitive << irq_event_;
  dont_initialize();
}

ModMulUnit::~ModMulUnit() = default;

bool ModMulUnit::ready() const {
  if (!there_ || results_ < program_->operations().size()) return false;
  const Cycle seen = reducer_.domain().edge_after(sc_core::sc_time_stamp()) - 1;  // by the bus
  return finished_ + 1 <= seen;
}

void ModMulUnit::drive_irq() {
  if (there_ && results_ == program_->operations().size() && !ready()) {
    irq_event_.notify(reducer_.domain().time_of(finished_ + 1) - sc_core::sc_time_stamp());
  }
  if (irq.size() > 0) irq->write((irq_enable_ & ModMulMap::kIrqEnable) != 0 && ready());
}

sim::bus::Device::Reply ModMulUnit::access_program(tlm::tlm_generic_payload& payload) {
  if (there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  const std::uint64_t at = payload.get_address() - ModMulMap::kProgram, end = at + payload.get_data_length();
  if (program_bytes_.size() < end) program_bytes_.resize(end);
  if (payload.is_write()) {
    sim::bus::store(payload, program_bytes_.data() + at);
  } else {
    sim::bus::load(payload, program_bytes_.data() + at);
  }
  return {};
}

sim::bus::Device::Reply ModMulUnit::access_values(tlm::tlm_generic_payload& payload) {
  const std::uint64_t at = payload.get_address() - ModMulMap::kValue, end = at + payload.get_data_length();
  if (payload.is_write()) {
    if (there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    if (value_bytes_.size() < end) value_bytes_.resize(end);
    sim::bus::store(payload, value_bytes_.data() + at);
    return {};
  }
  if (!ready()) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  if (end > (inputs_ + operations_) * value_bytes()) return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  sim::bus::load(payload, reinterpret_cast<const unsigned char*>(front_->value_limbs(0)) + at);
  return {};
}

tlm::tlm_response_status ModMulUnit::accept_control(std::uint64_t value) const {
  const bool clear = (value & ModMulMap::kClear) != 0;
  if (clear && !ready()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  if ((value & ModMulMap::kStart) == 0) return tlm::TLM_OK_RESPONSE;
  if ((there_ && !clear) || inputs_ == 0 || operations_ == 0 ||
      program_bytes_.size() < operations_ * sizeof(Pair) || value_bytes_.size() < inputs_ * value_bytes()) {
    return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  for (std::uint64_t i = 0; i < operations_; ++i) {
    Pair pair;
    std::memcpy(&pair, program_bytes_.data() + i * sizeof(Pair), sizeof pair);
    if (pair.a >= inputs_ + i || pair.b >= inputs_ + i) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  for (std::uint64_t i = 0; i < inputs_; ++i) {
    if (to_mpz(reinterpret_cast<const Limb*>(value_bytes_.data()) + i * reducer_.datapath().n_limbs(),
               reducer_.datapath().n_limbs()) >= modulus_.value()) {
      return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
  }
  return tlm::TLM_OK_RESPONSE;
}

void ModMulUnit::control(std::uint64_t value) {
  irq_enable_ = value & ModMulMap::kIrqEnable;
  registers_.set("CONTROL", irq_enable_);  // the other bits clear themselves
  if ((value & ModMulMap::kClear) != 0) there_ = false;
  if ((value & ModMulMap::kStart) != 0) {
    auto program = std::make_unique<ChainProgram>(modulus_);
    const std::size_t limbs = reducer_.datapath().n_limbs();
    for (std::uint64_t i = 0; i < inputs_; ++i) {
      program->add_input(to_mpz(reinterpret_cast<const Limb*>(value_bytes_.data()) + i * limbs, limbs));
    }
    for (std::uint64_t i = 0; i < operations_; ++i) {
      Pair pair;
      std::memcpy(&pair, program_bytes_.data() + i * sizeof(Pair), sizeof pair);
      program->multiply(pair.a, pair.b);
    }
    results_ = 0;
    finished_ = 0;
    started_ = reducer_.domain().edge_after(sc_core::sc_time_stamp());
    front_->begin(*program);
    program_ = std::move(program);  // the front end has let go of the one before
    there_ = true;
  }
  irq_event_.notify(sc_core::SC_ZERO_TIME);
}

void ModMulUnit::declare_registers(sim::bus::RegisterFile& registers, ModMulUnit* self) {
  using sim::bus::Access;
  using sim::bus::RegisterSpec;
  const auto read_only = [&registers](const char* name, std::uint64_t offset, const char* text,
                                      std::function<std::uint64_t()> read) {
    RegisterSpec r{name, offset, 64, Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  const auto count = [&registers](const char* name, std::uint64_t offset, const char* text,
                                  std::uint64_t most, std::function<void(std::uint64_t)> write) {
    RegisterSpec r{name, offset, 64, Access::read_write, 0, text};
    r.accept = [most](std::uint64_t value) {
      return value <= most ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
    };
    r.write = std::move(write);
    registers.add_register(std::move(r));
  };
  read_only("ID", ModMulMap::kId, "0x4D4F444D554C: the letters MODMUL",
            [] { return std::uint64_t{0x4D4F444D554C}; });
  read_only("BITS", ModMulMap::kBits, "n, bits of the modulus",
            [self] { return std::uint64_t{self->reducer_.datapath().design().n}; });
  read_only("LANES", ModMulMap::kLanes, "reducers", [self] { return std::uint64_t{self->reducer_.lanes()}; });
  count("INPUTS", ModMulMap::kInputs, "values that are given: numbers 0 .. INPUTS - 1", 1 << 16,
        [self](std::uint64_t value) { self->inputs_ = value; });
  count("OPERATIONS", ModMulMap::kOperations,
        "multiplications of the program; number i makes value INPUTS + i", ModMulMap::kProgramBytes / 8,
        [self](std::uint64_t value) { self->operations_ = value; });
  RegisterSpec control{
      "CONTROL",
      ModMulMap::kControl,
      64,
      Access::read_write,
      0,
      "bit 0: interrupt enable; bit 1: start the program (GENERIC_ERROR while one is there, or for a "
      "value that is not below M or not made yet); bit 2: drop the results (GENERIC_ERROR without); "
      "bits 1, 2 read as 0"};
  control.accept = [self](std::uint64_t value) { return self->accept_control(value); };
  control.write = [self](std::uint64_t value) { self->control(value); };
  registers.add_register(std::move(control));
  read_only("STATUS", ModMulMap::kStatus,
            "bit 0: no program is there; 1: results can be read; 2: a program runs", [self] {
              const bool ready = self->ready();
              return std::uint64_t{!self->there_ ? 1u : 0u} | (ready ? 2u : 0u) |
                     (self->there_ && !ready ? 4u : 0u);
            });
  read_only("CYCLES", ModMulMap::kCycles,
            "of the program that is done: edges from the one that saw START to the last result",
            [self] { return self->ready() ? self->finished_ - self->started_ : 0; });
  read_only("DONE", ModMulMap::kDone, "programs done since the start", [self] { return self->done_; });
  registers.add_window(sim::bus::served_window(
      "PROGRAM", ModMulMap::kProgram, ModMulMap::kProgramBytes, Access::read_write,
      "8 bytes a multiplication: numbers of its two operands, 32 bits each",
      [self](tlm::tlm_generic_payload& payload) { return self->access_program(payload); }));
  registers.add_window(sim::bus::served_window(
      "VALUE", ModMulMap::kValue, ModMulMap::kValueBytes, Access::read_write,
      "ceil(n/64) * 8 bytes a value, little-endian: inputs are written before START, every value can be read "
      "once the program is done",
      [self](tlm::tlm_generic_payload& payload) { return self->access_values(payload); }));
}

std::string modmul_register_map_markdown() {
  sim::bus::RegisterFile registers("modmul");
  ModMulUnit::declare_registers(registers, nullptr);
  return registers.markdown();
}

}  // namespace allmod
