// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "models/sme/work.h"
#include "sim/config/visitor.h"
#include "sim/tlm/register_file.h"
#include "sim/tlm/target_port.h"

namespace sme {

class Chip;
class Layer;

// Settings of the memory-mapped port.
struct HostPortConfig {
  unsigned queue = 2;  // products accepted whose results were not popped
  unsigned accept_cycles = 1;
  unsigned response_cycles = 2;
  unsigned beat_cycles = 1;
  bool signed_inputs = true;

  void fields(sim::config::Visitor& v);
  sim::bus::PortTiming timing(const sc_core::sc_time& period) const {
    return {period * accept_cycles, period * response_cycles, period * beat_cycles};
  }
};

// The sums of one product, bit for bit, and its clips; zeros where the layer has no values. `sums`: how many.
std::vector<std::int64_t> product_sums(const Layer& layer, const std::vector<std::uint8_t>& inputs,
                                       bool signed_inputs, unsigned planes, std::uint32_t row_group,
                                       std::uint64_t sums, std::uint64_t& clips);

// Addresses of the chip's memory map, bytes. Tables in the model's README are made from the declarations.
struct HostMap {
  static constexpr std::uint64_t kId = 0x00, kLayers = 0x08, kBanks = 0x10, kLayer = 0x18, kInputs = 0x20,
                                 kOutputs = 0x28, kPlanes = 0x30, kControl = 0x38, kStatus = 0x40,
                                 kRoom = 0x48, kResults = 0x50, kCycles = 0x58, kClips = 0x60, kDone = 0x68;
  static constexpr std::uint64_t kInput = 0x40000, kInputBytes = 0x40000;  // activations, a byte each
  static constexpr std::uint64_t kShortResult = 0x400000, kShortResultBytes = 0x400000;  // sums, 4 bytes each
  static constexpr std::uint64_t kResult = 0x800000, kResultBytes = 0x800000;            // sums, 8 bytes each
  static constexpr std::uint64_t kBytes = 0x1000000;  // of the chip's own window
  static constexpr std::uint64_t bank(unsigned i) { return kBytes + std::uint64_t{i} * 0x1000; }
  enum Control : std::uint64_t { kIrqEnable = 1, kStart = 2, kPop = 4 };
  enum Status : std::uint64_t { kRoomLeft = 1, kResultReady = 2, kBusy = 4 };
};

// The device behind the chip's socket. Software picks a layer, writes a vector, starts, and reads the sums
// when they are there. What the bus does at time t reaches the chip at the first edge strictly after t; what
// the chip does at edge c is seen by the bus from edge c + 1 on.
class HostPort final : public sim::bus::Device, public PassSource {
 public:
  HostPort(Chip& chip, const HostPortConfig& config,
           std::function<void(const sc_core::sc_time&)> irq_changes_in);
  ~HostPort() override;

  Reply access(tlm::tlm_generic_payload& payload) override { return registers_.access(payload); }
  unsigned debug(tlm::tlm_generic_payload& payload) override;

  bool next(Pass& pass) override;
  void begun(const Pass& pass, sim::Cycle now) override;
  void position_done(const Pass& pass, std::uint64_t position, sim::Cycle now) override;
  void done(const Pass& pass, sim::Cycle now) override;

  bool irq() const;  // level of the interrupt line now

  // The register map; `self` is only used by accesses and may be null for printing it.
  static void declare_registers(sim::bus::RegisterFile& registers, HostPort* self);

 private:
  struct Job {
    std::uint32_t layer = 0;
    unsigned planes = 0;
    std::vector<std::uint8_t> inputs;
    std::vector<std::int64_t> sums;
    std::uint64_t clips = 0;
    sim::Cycle started = 0;  // edge of the start
    sim::Cycle finished = sim::kNever;
    std::size_t round = 0;     // next to be issued
    unsigned passes_left = 0;  // rounds that have a part of the layer
  };

  tlm::tlm_response_status accept_control(std::uint64_t value) const;
  void control(std::uint64_t value);
  Reply access_inputs(tlm::tlm_generic_payload& payload);
  Reply read_sums(tlm::tlm_generic_payload& payload);
  Reply read_short_sums(tlm::tlm_generic_payload& payload);
  std::uint64_t ready() const;  // results that the bus can see
  std::uint64_t status() const;
  sim::Cycle bus_cycle() const;  // last edge that the bus has seen

  Chip& chip_;
  HostPortConfig config_;
  std::function<void(const sc_core::sc_time&)> irq_changes_in_;
  sim::bus::RegisterFile registers_;
  std::vector<std::uint8_t> inputs_;
  std::deque<Job> jobs_;
  std::size_t issuing_ = 0;                   // of jobs_: not all rounds are issued
  std::size_t programmed_ = ~std::size_t{0};  // round that the crossbars hold
  std::uint64_t irq_enable_ = 0, layer_ = 0, planes_ = 0, done_ = 0;
};

// Registers and windows as tables, for README.md and `tricycle describe`.
std::string register_map_markdown();

}  // namespace sme
