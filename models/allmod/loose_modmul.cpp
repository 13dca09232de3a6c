// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/loose_modmul.h"

#include <algorithm>
#include <cstring>

#include <gmp.h>

#include "models/allmod/program_time.h"

namespace allmod {

using sim::Cycle;
using sim::bus::inside;

LooseModMul::LooseModMul(sc_core::sc_module_name name, const ReducerConfig& config,
                         const HostPortConfig& port, const Modulus& modulus,
                         const MultiplierCycles& multiplier, sim::Failure& failure, sim::stats::Group& stats)
    : sc_module(name),
      modulus_(modulus),
      config_(config),
      multiplier_(multiplier),
      clock_("clock", config.clock_mhz, failure),
      datapath_(config.design, config.table_limit_bytes),
      tables_(datapath_, modulus, config.lazy ? Contents::none : Contents::built),
      evaluator_(datapath_, tables_),
      port_("port", *this,
            sim::bus::PortTiming{clock_.period() * port.accept_cycles, clock_.period() * port.response_cycles,
                                 clock_.period() * port.beat_cycles}),
      group_(stats, "allmod"),
      programs_(group_, "programs", "program", "programs done"),
      multiplications_(group_, "multiplications", "operation", "multiplications done") {}

LooseModMul::~LooseModMul() = default;

void LooseModMul::product(std::uint32_t operation, Limb* x) const {
  const ChainProgram::Operation& op = program_[operation];
  const std::size_t limbs = datapath_.n_limbs();
  std::vector<Limb> wide(2 * limbs);
  mpn_mul_n(wide.data(), value(op.a), value(op.b), static_cast<mp_size_t>(limbs));
  std::copy_n(wide.begin(), datapath_.x_limbs(), x);
}

sim::bus::LooseDevice::Reply LooseModMul::access(tlm::tlm_generic_payload& payload,
                                                 const sc_core::sc_time& at) {
  const std::uint64_t address = payload.get_address(), bytes = payload.get_data_length();
  const bool write = payload.is_write();
  if (inside(address, bytes, ModMulMap::kProgram, ModMulMap::kProgramBytes)) {
    const std::uint64_t offset = address - ModMulMap::kProgram, size = sizeof(ChainProgram::Operation);
    if (!write || there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    if (program_.size() * size < offset + bytes) program_.resize((offset + bytes + size - 1) / size);
    std::memcpy(reinterpret_cast<unsigned char*>(program_.data()) + offset, payload.get_data_ptr(), bytes);
    return {};
  }
  if (inside(address, bytes, ModMulMap::kValue, ModMulMap::kValueBytes)) {
    const std::uint64_t offset = address - ModMulMap::kValue;
    if (write == there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    if (!write && !inside(offset, bytes, 0, (inputs_ + operations_) * value_bytes()))
      return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
    if (values_.size() < offset + bytes) values_.resize(offset + bytes);
    if (write) {
      std::memcpy(values_.data() + offset, payload.get_data_ptr(), bytes);
    } else {
      std::memcpy(payload.get_data_ptr(), values_.data() + offset, bytes);
    }
    return {};
  }
  if (bytes != sizeof(std::uint64_t)) return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  if (!write) {
    const Cycle cycles = there_ ? finished_ - started_ : 0;
    std::memcpy(payload.get_data_ptr(), &cycles, sizeof cycles);
    return {address == ModMulMap::kCycles ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE};
  }
  std::uint64_t value = 0;
  std::memcpy(&value, payload.get_data_ptr(), sizeof value);
  if (address == ModMulMap::kControl) return control(value, at.value());
  if (address == ModMulMap::kInputs) {
    inputs_ = value;
  } else if (address == ModMulMap::kOperations) {
    operations_ = value;
  } else {
    return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  }
  return {};
}

sim::bus::LooseDevice::Reply LooseModMul::control(std::uint64_t value, std::uint64_t at_ps) {
  if ((value & ModMulMap::kClear) != 0) there_ = false;
  if ((value & ModMulMap::kStart) == 0) return {};
  if (there_ || inputs_ == 0 || operations_ == 0 || program_.size() < operations_ ||
      values_.size() < inputs_ * value_bytes()) {
    return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  }
  const std::size_t limbs = datapath_.n_limbs();
  ChainProgram program(modulus_);
  for (std::uint64_t i = 0; i < inputs_; ++i) program.add_input(to_mpz(this->value(i), limbs));
  values_.resize((inputs_ + operations_) * value_bytes());
  for (std::uint64_t i = 0; i < operations_; ++i) {
    if (program_[i].a >= inputs_ + i || program_[i].b >= inputs_ + i)
      return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    program.multiply(program_[i].a, program_[i].b);
  }
  const std::vector<Cycle> cycles =
      result_cycles(program, config_.lanes, multiplier_, datapath_.latency(), datapath_.ii());
  started_ = at_ps / clock_.period().value() + 1;
  finished_ = started_;
  std::vector<Limb> x(datapath_.x_limbs());
  for (std::uint32_t i = 0; i < operations_; ++i) {
    product(i, x.data());
    evaluator_.reduce(x.data(), this->value(inputs_ + i));
    finished_ = std::max(finished_, started_ + cycles[i]);
    if (listener_) listener_(i, this->value(inputs_ + i), started_ + cycles[i]);
  }
  there_ = true;
  busy_cycles_ += finished_ + 1 - started_;
  ++programs_;
  multiplications_ += operations_;
  return {tlm::TLM_OK_RESPONSE, (finished_ + 1) * clock_.period().value()};
}

}  // namespace allmod
