// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// All links and switches of a fabric in one unit, with a link socket each way for every GPU.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>

#include "models/ring/link_protocol.h"
#include "models/ring/network/network.h"

namespace sim {
class Failure;
}

namespace ring {

/// A train that comes in at `in(g)` is one message for GPU header.to. Times are those of
/// models/ring/README.md:
///   last bit out of GPU g     kCredit back at in(g)
///   last packet taken in      kTrain at out(header.to), then kAck back at in(g)
/// The unit runs packets ahead of the kernel up to the next time at which anybody else does something, and
/// asks for one event, at the next time at which a GPU gets to see something.
class FabricUnit final : public sc_core::sc_module {
 public:
  /// Told before a message is delivered: its number and why its packets waited at their source, by Wait.
  using OnArrival = std::function<void(std::uint32_t message, const std::array<Ps, 3>& waits)>;

  FabricUnit(const sc_core::sc_module_name& name, const Fabric& fabric, const Routes& routes,
             const Hardware& hardware, std::uint64_t shuffle_seed, sim::Failure& failure);
  ~FabricUnit() override;

  LinkTarget& in(NodeId gpu);      ///< from the GPU; speaks for its egress
  LinkInitiator& out(NodeId gpu);  ///< to the GPU
  void on_arrival(OnArrival arrival) { arrival_ = std::move(arrival); }

  const PacketNetwork& network() const { return network_; }

 private:
  class Port;

  void wake();
  void step(Ps now);
  void send(NodeId gpu, tlm::tlm_generic_payload& payload);
  void show(const Notice& notice);

  PacketNetwork network_;
  sim::Failure& failure_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<tlm::tlm_generic_payload*> under_way_;  // by message
  OnArrival arrival_;
  sc_core::sc_event wake_;
};

}  // namespace ring
