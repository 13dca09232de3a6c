// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/bank.h"

#include <utility>

#include "models/sme/controller.h"
#include "sim/core/error.h"

namespace sme {

Bank::Bank(sc_core::sc_module_name name, sim::ClockDomain& domain, const ChipConfig& config, unsigned index,
           ChipBus& chip_bus, Controller& controller, sim::stats::Group& stats,
           sim::record::Recorder& recorder, const sim::bus::PortTiming* socket)
    : sc_module(name), core_(domain, config, index, chip_bus, controller, stats, recorder), config_(config) {
  if (socket == nullptr) return;
  registers_ = std::make_unique<sim::bus::RegisterFile>(this->name());
  declare_registers(*registers_, this);
  port_ = std::make_unique<sim::bus::TargetPort<64>>("port", *registers_, *socket);
}

Bank::~Bank() = default;

tlm::tlm_target_socket<64>& Bank::socket() {
  if (!port_) throw sim::Error(sim::Exit::usage, std::string(this->name()) + ": built without a socket");
  return port_->socket;
}

void Bank::declare_registers(sim::bus::RegisterFile& registers, Bank* self) {
  const auto add = [&registers](const char* name, std::uint64_t offset, const char* text,
                                std::function<std::uint64_t()> read) {
    sim::bus::RegisterSpec r{name, offset, 64, sim::bus::Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  add("ID", BankMap::kId, "0x534D4542: the letters SMEB", [] { return std::uint64_t{0x534D4542}; });
  add("INDEX", BankMap::kIndex, "number of the bank", [self] { return std::uint64_t{self->core_.index()}; });
  add("UNITS", BankMap::kUnits, "CUs", [self] { return std::uint64_t{self->config_.units}; });
  add("CROSSBARS", BankMap::kCrossbars, "crossbars a CU",
      [self] { return std::uint64_t{self->config_.crossbars}; });
  add("IN_FLIGHT", BankMap::kInFlight, "tile products, sums and writes under way",
      [self] { return self->core_.in_flight(); });
  add("EDRAM_USED", BankMap::kEdramUsed, "bytes in the buffer", [self] { return self->core_.edram_used(); });
  add("EDRAM_PEAK", BankMap::kEdramPeak, "most bytes that were in the buffer",
      [self] { return self->core_.stats().edram_peak.value(); });
  add("PRODUCTS", BankMap::kProducts, "tile products computed",
      [self] { return self->core_.stats().products.value(); });
  add("LOADS", BankMap::kLoads, "input vectors moved into CUs",
      [self] { return self->core_.stats().loads.value(); });
  add("RESULTS", BankMap::kResults, "results moved into the buffer",
      [self] { return self->core_.stats().results.value(); });
  add("BUS_BUSY", BankMap::kBusBusy, "cycles in which the bus carried data",
      [self] { return self->core_.stats().bus_busy.value(); });
  add("BUS_WAIT", BankMap::kBusWait, "cycles that requests waited for the bus",
      [self] { return self->core_.stats().bus_wait.value(); });
  add("ADC_BUSY", BankMap::kAdcBusy, "cycles in which a CU's ADCs converted, summed over the CUs",
      [self] { return self->core_.stats().adc_busy.value(); });
  add("ACTIVATIONS", BankMap::kActivations, "blocks of outputs activated",
      [self] { return self->core_.stats().activations.value(); });
  add("WRITE_BUSY", BankMap::kWriteBusy, "cycles in which crossbars were written",
      [self] { return self->core_.stats().write_busy.value(); });
}

}  // namespace sme
