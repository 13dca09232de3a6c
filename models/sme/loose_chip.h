// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "models/sme/chip.h"
#include "sim/tlm/loose_port.h"

namespace sme {

// The chip of chip.h, loosely timed: no banks, no events. What a product takes is worked out once for every
// layer and number of planes (product_time.h; crossbars that must be written first: program_cycles()), its
// events from the same work as the chip's units count. Products are done one after the other: what two of
// them at a time gain is not seen. Sums are those of the function library.
//
// Registers: LAYER, PLANES, CONTROL, INPUT, RESULT and SHORT_RESULT of HostMap, at the same latencies. START
// at local time t is seen at the first edge strictly after t; the payload's Tag says when the interrupt would
// rise.
class LooseChip final : public sc_core::sc_module, public HostedChip, public sim::bus::LooseDevice {
 public:
  // As Chip. `row_groups` by layer, 0: none.
  LooseChip(sc_core::sc_module_name name, const ChipConfig& config,
            std::vector<std::shared_ptr<const Layer>> layers, std::vector<std::uint32_t> row_groups,
            sim::Failure& failure, sim::stats::Group& stats, const HostPortConfig& host);
  ~LooseChip() override;

  tlm::tlm_target_socket<64>& socket() override { return port_.socket; }
  const char* chip_name() const override { return name(); }
  const ChipConfig& config() const override { return config_; }
  const std::vector<const LayerMap*>& maps() const override { return maps_; }
  const Placement& placement() const override { return placement_; }
  std::uint64_t sums(std::uint32_t layer) const override {
    return sums_of(*maps_[layer], row_groups_[layer]);
  }
  Activity product_activity(std::uint32_t layer, unsigned planes) override;
  Activity layer_activity(std::uint32_t layer) const override;
  std::uint64_t layer_products(std::uint32_t layer) const override;

  Reply access(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) override;

  // Cycles of a product whose rounds' crossbars are all written.
  Cycle product_cycles(std::uint32_t layer, unsigned planes);

 private:
  struct Product {
    std::vector<std::pair<std::size_t, Cycle>> passes;  // round, cycles
    Activity activity;                                  // of one
    std::uint64_t done = 0;
  };
  Product& product(std::uint32_t layer, unsigned planes);
  Reply control(std::uint64_t value, std::uint64_t at_ps);

  ChipConfig config_;
  HostPortConfig host_;
  std::vector<std::shared_ptr<const Layer>> layers_;
  std::vector<const LayerMap*> maps_;
  std::vector<std::uint32_t> row_groups_;
  Placement placement_;
  std::vector<Cycle> program_cycles_;  // by round
  sim::ClockDomain clock_;             // its period; nothing works on its edges
  std::uint64_t period_ps_;
  sim::bus::LoosePort<64> port_;
  std::map<std::pair<std::uint32_t, unsigned>, Product> products_;
  std::vector<std::uint8_t> inputs_;
  std::vector<std::int64_t> result_;  // of the last product
  bool there_ = false;                // it was not dropped
  std::uint64_t layer_ = 0, planes_ = 0;
  Cycle free_ = 0;  // the last product's edge
  std::size_t programmed_ = ~std::size_t{0};

  sim::stats::Group group_;
  sim::stats::Counter done_, cycles_;
};

}  // namespace sme
