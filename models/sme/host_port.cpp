// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/host_port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/sme/chip.h"
#include "sim/core/error.h"

namespace sme {

using sim::Cycle;
using tlm::tlm_generic_payload;

void HostPortConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  const char* why = "no published figure; the least a registered bus port needs";
  v.field("queue", queue, Meta("product", "products accepted whose results were not popped").range(1, 1024));
  v.field("accept_cycles", accept_cycles, Meta("cycle", "BEGIN_REQ to END_REQ").range(0, 1000).assumed(why));
  v.field("response_cycles", response_cycles,
          Meta("cycle", "END_REQ to BEGIN_RESP of a transfer without beats").range(0, 1000).assumed(why));
  v.field("beat_cycles", beat_cycles, Meta("cycle", "each 8-byte beat").range(0, 1000).assumed(why));
  v.field("signed_inputs", signed_inputs, Meta("", "inputs are two's complement, else unsigned"));
}

std::vector<std::int64_t> product_sums(const Layer& layer, const std::vector<std::uint8_t>& inputs,
                                       bool signed_inputs, unsigned planes, std::uint32_t row_group,
                                       std::uint64_t sums, std::uint64_t& clips) {
  if (!layer.has_values()) return std::vector<std::int64_t>(sums, 0);
  GemvOptions options;
  options.signed_inputs = signed_inputs;
  options.planes_driven = planes;
  options.group = row_group;
  options.compare = false;
  GemvResult result;
  layer.gemv(inputs.data(), 1, options, result);
  clips = result.clips;
  return std::move(result.y);
}

HostPort::HostPort(Chip& chip, const HostPortConfig& config,
                   std::function<void(const sc_core::sc_time&)> irq_changes_in)
    : chip_(chip), config_(config), irq_changes_in_(std::move(irq_changes_in)), registers_("sme") {
  std::uint32_t most = 1;
  for (const LayerMap* map : chip.maps()) most = std::max(most, map->inputs);
  inputs_.resize(most);
  declare_registers(registers_, this);
}

HostPort::~HostPort() = default;

Cycle HostPort::bus_cycle() const { return chip_.domain().edge_after(sc_core::sc_time_stamp()) - 1; }

std::uint64_t HostPort::ready() const {
  const Cycle now = bus_cycle();
  std::uint64_t count = 0;
  for (const Job& job : jobs_) {
    if (job.finished == sim::kNever || job.finished + 1 > now) break;
    ++count;
  }
  return count;
}

std::uint64_t HostPort::status() const {
  std::uint64_t s = 0;
  if (jobs_.size() < config_.queue) s |= HostMap::kRoomLeft;
  if (ready() > 0) s |= HostMap::kResultReady;
  if (ready() < jobs_.size()) s |= HostMap::kBusy;
  return s;
}

bool HostPort::irq() const { return (irq_enable_ & HostMap::kIrqEnable) != 0 && ready() > 0; }

// --- The chip's side

bool HostPort::next(Pass& pass) {
  const std::size_t rounds = chip_.placement().rounds.size();
  while (issuing_ < jobs_.size()) {
    Job& job = jobs_[issuing_];
    for (; job.round < rounds; ++job.round) {
      LayerWork* work =
          chip_.work(job.layer, job.planes, job.round, chip_.layer(job.layer).settings().input_bits);
      if (work == nullptr) continue;
      pass = Pass{};
      pass.positions = 1;
      pass.tag = issuing_;
      pass.depends = false;
      if (rounds > 1 && programmed_ != job.round) {
        programmed_ = job.round;
        pass.program = &chip_.program(job.round);
        return true;
      }
      pass.work = work;
      ++job.round;
      return true;
    }
    ++issuing_;
  }
  return false;
}

void HostPort::begun(const Pass&, Cycle) {}
void HostPort::position_done(const Pass&, std::uint64_t, Cycle) {}

void HostPort::done(const Pass& pass, Cycle now) {
  if (pass.work == nullptr) return;
  // Passes are done in order; a job is done with its layer's part in the last round.
  for (Job& job : jobs_) {
    if (job.finished != sim::kNever) continue;
    if (--job.passes_left > 0) return;
    job.sums = product_sums(chip_.layer(job.layer), job.inputs, config_.signed_inputs, job.planes,
                            chip_.row_group(job.layer), chip_.sums(job.layer), job.clips);
    job.finished = now;
    ++done_;
    irq_changes_in_(chip_.domain().time_of(now + 1) - sc_core::sc_time_stamp());
    return;
  }
}

// --- The bus's side

sim::bus::Device::Reply HostPort::access_inputs(tlm_generic_payload& payload) {
  const std::uint64_t at = payload.get_address() - HostMap::kInput;
  if (!sim::bus::inside(at, payload.get_data_length(), 0, inputs_.size()))
    return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  if (payload.is_write()) {
    sim::bus::store(payload, inputs_.data() + at);
  } else {
    sim::bus::load(payload, inputs_.data() + at);
  }
  return {};
}

sim::bus::Device::Reply HostPort::read_sums(tlm_generic_payload& payload) {
  if (ready() == 0) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  const std::vector<std::int64_t>& sums = jobs_.front().sums;
  const std::uint64_t at = payload.get_address() - HostMap::kResult;
  if (!sim::bus::inside(at, payload.get_data_length(), 0, sums.size() * sizeof(std::int64_t))) {
    return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  }
  sim::bus::load(payload, reinterpret_cast<const unsigned char*>(sums.data()) + at);
  return {};
}

sim::bus::Device::Reply HostPort::read_short_sums(tlm_generic_payload& payload) {
  if (ready() == 0) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  const std::vector<std::int64_t>& sums = jobs_.front().sums;
  const std::uint64_t at = payload.get_address() - HostMap::kShortResult;
  if (chip_.config().sum_bytes > sizeof(std::int32_t) ||
      !sim::bus::inside(at, payload.get_data_length(), 0, sums.size() * sizeof(std::int32_t))) {
    return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  }
  // Sums of 4 bytes lose nothing: the chip's own are no wider.
  const auto first = static_cast<std::ptrdiff_t>(at / sizeof(std::int32_t));
  const auto behind = static_cast<std::ptrdiff_t>(
      (at + payload.get_data_length() + sizeof(std::int32_t) - 1) / sizeof(std::int32_t));
  const std::vector<std::int32_t> words(sums.begin() + first, sums.begin() + behind);
  sim::bus::load(payload, reinterpret_cast<const unsigned char*>(words.data()) + at % sizeof(std::int32_t));
  return {};
}

unsigned HostPort::debug(tlm_generic_payload& payload) {
  const std::uint64_t at = payload.get_address();
  if (at < HostMap::kInput) return registers_.debug(payload);
  unsigned char* bytes = nullptr;
  std::uint64_t left = 0;
  if (at - HostMap::kInput < inputs_.size()) {
    bytes = inputs_.data() + (at - HostMap::kInput);
    left = inputs_.size() - (at - HostMap::kInput);
  } else if (at >= HostMap::kResult && ready() > 0 && payload.is_read() &&
             at - HostMap::kResult < jobs_.front().sums.size() * sizeof(std::int64_t)) {
    bytes = reinterpret_cast<unsigned char*>(jobs_.front().sums.data()) + (at - HostMap::kResult);
    left = jobs_.front().sums.size() * sizeof(std::int64_t) - (at - HostMap::kResult);
  }
  const std::size_t n = std::min<std::uint64_t>(payload.get_data_length(), left);
  if (n == 0) return 0;
  if (payload.is_write()) std::memcpy(bytes, payload.get_data_ptr(), n);
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), bytes, n);
  return static_cast<unsigned>(n);
}

tlm::tlm_response_status HostPort::accept_control(std::uint64_t value) const {
  const bool pop = (value & HostMap::kPop) != 0;
  if (pop && ready() == 0) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  if ((value & HostMap::kStart) != 0 && jobs_.size() - (pop ? 1 : 0) >= config_.queue) {
    return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  return tlm::TLM_OK_RESPONSE;
}

void HostPort::control(std::uint64_t value) {
  irq_enable_ = value & HostMap::kIrqEnable;
  registers_.set("CONTROL", irq_enable_);  // the other bits clear themselves
  if ((value & HostMap::kPop) != 0) {
    jobs_.pop_front();
    if (issuing_ > 0) --issuing_;
  }
  if ((value & HostMap::kStart) != 0) {
    Job job;
    job.layer = static_cast<std::uint32_t>(layer_);
    job.planes = static_cast<unsigned>(planes_);
    job.inputs.assign(inputs_.begin(), inputs_.begin() + chip_.maps()[job.layer]->inputs);
    job.started = chip_.domain().edge_after(sc_core::sc_time_stamp());
    for (std::size_t r = 0; r < chip_.placement().rounds.size(); ++r) {
      if (chip_.work(job.layer, job.planes, r, chip_.layer(job.layer).settings().input_bits))
        ++job.passes_left;
    }
    jobs_.push_back(std::move(job));
    chip_.wake();
  }
  irq_changes_in_(sc_core::SC_ZERO_TIME);
}

void HostPort::declare_registers(sim::bus::RegisterFile& registers, HostPort* self) {
  using sim::bus::Access;
  using sim::bus::RegisterSpec;
  const auto read_only = [&registers](const char* name, std::uint64_t offset, const char* text,
                                      std::function<std::uint64_t()> read) {
    RegisterSpec r{name, offset, 64, Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  read_only("ID", HostMap::kId, "0x534D45: the letters SME", [] { return std::uint64_t{0x534D45}; });
  read_only("LAYERS", HostMap::kLayers, "matrices that are mapped",
            [self] { return std::uint64_t{self->chip_.maps().size()}; });
  read_only("BANKS", HostMap::kBanks, "banks of the chip",
            [self] { return std::uint64_t{self->chip_.config().banks}; });
  RegisterSpec layer{"LAYER", HostMap::kLayer,
                     64,      Access::read_write,
                     0,       "matrix of the next START; GENERIC_ERROR beyond LAYERS"};
  layer.accept = [self](std::uint64_t value) {
    return value < self->chip_.maps().size() ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
  };
  layer.write = [self](std::uint64_t value) { self->layer_ = value; };
  registers.add_register(std::move(layer));
  read_only("INPUTS", HostMap::kInputs, "length of the vector that LAYER takes",
            [self] { return std::uint64_t{self->chip_.maps()[self->layer_]->inputs}; });
  read_only("OUTPUTS", HostMap::kOutputs, "sums that LAYER gives",
            [self] { return self->chip_.sums(static_cast<std::uint32_t>(self->layer_)); });
  RegisterSpec planes{"PLANES", HostMap::kPlanes,
                      64,       Access::read_write,
                      0,        "most significant planes that are driven; 0: all"};
  planes.accept = [](std::uint64_t value) {
    return value <= kMaxMagnitudeBits ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
  };
  planes.write = [self](std::uint64_t value) { self->planes_ = value; };
  registers.add_register(std::move(planes));
  RegisterSpec control{
      "CONTROL",
      HostMap::kControl,
      64,
      Access::read_write,
      0,
      "bit 0: interrupt enable; bit 1: start LAYER on the vector in INPUT (GENERIC_ERROR without "
      "room); bit 2: drop the oldest result (GENERIC_ERROR without one); bits 1, 2 read as 0"};
  control.accept = [self](std::uint64_t value) { return self->accept_control(value); };
  control.write = [self](std::uint64_t value) { self->control(value); };
  registers.add_register(std::move(control));
  read_only("STATUS", HostMap::kStatus,
            "bit 0: room for a product; 1: a result can be read; 2: products under way",
            [self] { return self->status(); });
  read_only("ROOM", HostMap::kRoom, "products that can be started",
            [self] { return self->config_.queue - self->jobs_.size(); });
  read_only("RESULTS", HostMap::kResults, "results that can be read", [self] { return self->ready(); });
  read_only(
      "CYCLES", HostMap::kCycles, "oldest result: edges from the one that saw START to the last output",
      [self] { return self->ready() > 0 ? self->jobs_.front().finished - self->jobs_.front().started : 0; });
  read_only("CLIPS", HostMap::kClips, "oldest result: conversions above the ADC's largest code",
            [self] { return self->ready() > 0 ? self->jobs_.front().clips : 0; });
  read_only("DONE", HostMap::kDone, "products done since the start", [self] { return self->done_; });
  registers.add_window(
      sim::bus::served_window("INPUT", HostMap::kInput, HostMap::kInputBytes, Access::read_write,
                              "the vector: INPUTS bytes, two's complement or unsigned; kept by START",
                              [self](tlm_generic_payload& payload) { return self->access_inputs(payload); }));
  registers.add_window(sim::bus::served_window(
      "SHORT_RESULT", HostMap::kShortResult, HostMap::kShortResultBytes, Access::read_only,
      "the sums of RESULT as words of 4 bytes; ADDRESS_ERROR where chip.sum_bytes is above 4",
      [self](tlm_generic_payload& payload) { return self->read_short_sums(payload); }));
  registers.add_window(
      sim::bus::served_window("RESULT", HostMap::kResult, HostMap::kResultBytes, Access::read_only,
                              "sums of the oldest result: OUTPUTS words of 8 bytes, two's complement (zeros "
                              "where a layer has no values); GENERIC_ERROR without one",
                              [self](tlm_generic_payload& payload) { return self->read_sums(payload); }));
}

std::string register_map_markdown() {
  sim::bus::RegisterFile chip("sme"), bank("bank");
  HostPort::declare_registers(chip, nullptr);
  Bank::declare_registers(bank, nullptr);
  return chip.markdown() +
         "| bank i | 0x1000000 + 0x1000 i | RO | registers of bank i |\n\nRegisters of a bank:\n\n" +
         bank.markdown();
}

}  // namespace sme
