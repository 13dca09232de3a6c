// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/sme/activity.h"
#include "models/sme/bank.h"
#include "models/sme/controller.h"
#include "models/sme/function/layer.h"
#include "models/sme/host_port.h"
#include "models/sme/placement.h"
#include "sim/tlm/router.h"

namespace sme {

std::vector<const LayerMap*> maps_of(const std::vector<std::shared_ptr<const Layer>>& layers);

// Sums of one product where those of every `row_group` inputs are kept apart (0: none).
inline std::uint64_t sums_of(const LayerMap& map, std::uint64_t row_group) {
  return map.outputs * (row_group == 0 ? 1 : (map.inputs + row_group - 1) / row_group);
}

// A chip as a platform sees it from outside, however it is timed.
class HostedChip {
 public:
  virtual ~HostedChip() = default;
  virtual tlm::tlm_target_socket<64>& socket() = 0;
  virtual const char* chip_name() const = 0;
  virtual const ChipConfig& config() const = 0;
  virtual const std::vector<const LayerMap*>& maps() const = 0;
  virtual const Placement& placement() const = 0;
  // Sums of one product of a layer: its outputs, each as often as there are groups of inputs.
  virtual std::uint64_t sums(std::uint32_t layer) const = 0;
  // Events of one product, and of all so far; products done.
  virtual Activity product_activity(std::uint32_t layer, unsigned planes) = 0;
  virtual Activity layer_activity(std::uint32_t layer) const = 0;
  virtual std::uint64_t layer_products(std::uint32_t layer) const = 0;
};

// The SME accelerator: a controller, `banks` banks on a bus, and the layers that are mapped onto their
// crossbars.
//
// Products come from a PassSource (bind()) or, when built with a socket, from software over TLM-2.0;
// README.md has the register map and the timing. The chip brings its own clock domain.
class Chip final : public sc_core::sc_module, public HostedChip {
 public:
  // Everything referred to must outlive the chip; the layers are shared. Throws sim::Error (usage) for a
  // layer that does not fit anywhere, or more layers than fit when `reload` is false.
  Chip(sc_core::sc_module_name name, const ChipConfig& config,
       std::vector<std::shared_ptr<const Layer>> layers, sim::Failure& failure, sim::stats::Group& stats,
       sim::record::Recorder& recorder, const HostPortConfig* host = nullptr);
  ~Chip() override;

  const char* chip_name() const override { return name(); }
  tlm::tlm_target_socket<64>& socket() override;  // sim::Error (usage) if built without one
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  // Before the simulation; instead of the socket.
  void bind(PassSource& source) { controller_.bind(source); }
  // The source has a pass again.
  void wake() { controller_.wake(domain_.edge_after(sc_core::sc_time_stamp())); }

  sim::ClockDomain& domain() { return domain_; }
  const sim::ClockDomain& domain() const { return domain_; }
  const ChipConfig& config() const override { return config_; }
  const std::vector<const LayerMap*>& maps() const override { return maps_; }
  const Layer& layer(std::uint32_t i) const { return *layers_[i]; }
  const Placement& placement() const override { return placement_; }
  Controller& controller() { return controller_; }
  const Controller& controller() const { return controller_; }
  const ChipBus& chip_bus() const { return chip_bus_; }
  Bank& bank(unsigned i) { return *banks_[i]; }
  const Bank& bank(unsigned i) const { return *banks_[i]; }
  HostPort& host_port() { return *host_; }

  // A layer's products in a round, with the `planes` most significant planes driven (0 = all); nullptr when
  // the round has none of the layer. Made at the first call.
  LayerWork* work(std::uint32_t layer, unsigned planes, std::size_t round, unsigned input_bits);
  // Inputs of a layer whose sums are kept apart, where its codes have scales by groups of inputs. Before
  // work().
  void set_row_group(std::uint32_t layer, std::uint32_t inputs) { row_groups_[layer] = inputs; }
  std::uint32_t row_group(std::uint32_t layer) const { return row_groups_[layer]; }
  std::uint64_t sums(std::uint32_t layer) const override {
    return sums_of(*maps_[layer], row_groups_[layer]);
  }
  // Those of a layer that were made.
  std::vector<const LayerWork*> works(std::uint32_t layer) const;
  std::vector<const LayerWork*> works(std::uint32_t layer, std::size_t round) const;
  const ProgramWork& program(std::size_t round) const { return programs_[round]; }

  // Events of one product, as the work says, and of all products so far, as the units counted them.
  Activity product_activity(std::uint32_t layer, unsigned planes) override;
  Activity layer_activity(std::uint32_t layer) const override;
  std::uint64_t layer_products(std::uint32_t layer) const override;
  Activity expected(const LayerWork& work) const;
  Activity counted(const LayerWork& work) const;

 private:
  void drive_irq();

  ChipConfig config_;
  sim::ClockDomain domain_;
  std::vector<std::shared_ptr<const Layer>> layers_;
  std::vector<const LayerMap*> maps_;
  Placement placement_;
  std::vector<std::uint32_t> row_groups_;  // by layer; 0: none
  std::vector<ProgramWork> programs_;
  sim::stats::Group stats_;
  ChipBus chip_bus_;
  Controller controller_;
  std::vector<std::unique_ptr<Bank>> banks_;
  std::map<std::tuple<std::uint32_t, unsigned, std::size_t, unsigned>, std::unique_ptr<LayerWork>> works_;
  std::unique_ptr<HostPort> host_;
  std::unique_ptr<sim::bus::TargetPort<64>> port_;
  std::unique_ptr<sim::bus::Router<64>> router_;
  sc_core::sc_event irq_event_;
};

}  // namespace sme
