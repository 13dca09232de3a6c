// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <tlm>

#include "sim/tlm/address_map.h"

namespace sim::bus {

// All of Router but the sockets, so that the protocol is compiled once for every bus width.
class RouterBase : public sc_core::sc_module {
 public:
  ~RouterBase() override;
  const AddressMap& map() const { return map_; }
  std::size_t in_flight() const { return routes_.size(); }  // nb transactions under way

 protected:
  RouterBase(const sc_core::sc_module_name& name, unsigned initiators, AddressMap map);

  // Interface objects of one initiator's side and of one target's side; sockets are bound to them.
  tlm::tlm_fw_transport_if<>& ingress(unsigned initiator);
  tlm::tlm_bw_transport_if<>& egress(unsigned target);

  virtual tlm::tlm_bw_transport_if<>& to_initiator(unsigned initiator) = 0;
  virtual tlm::tlm_fw_transport_if<>& to_target(unsigned target) = 0;

 private:
  class Ingress;
  class Egress;
  struct Route {  // one transaction between BEGIN_REQ and the end of its response
    tlm::tlm_generic_payload* payload = nullptr;
    unsigned initiator = 0;
    const AddressMap::Window* window = nullptr;  // nullptr: address error
    std::uint64_t address = 0;                   // as the initiator gave it
    sc_core::sc_time due;                        // earliest time of the next BEGIN_x from here
    sc_core::sc_time queued_at;                  // when it was queued, and
    std::uint64_t queued_delta = 0;              // in which delta cycle
    bool answered = false;                       // there is nobody to send END_RESP to
  };

  tlm::tlm_sync_enum forward(unsigned initiator, tlm::tlm_generic_payload& payload,
                             const tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(unsigned target, tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                              const sc_core::sc_time& delay);
  void blocking(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(tlm::tlm_generic_payload& payload);
  bool direct(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void invalidate(unsigned target, std::uint64_t start, std::uint64_t end);

  void step();
  Route* next_request(unsigned target) const;
  Route* next_response(unsigned initiator) const;
  void send_request(Route& route);
  void send_response(Route& route);
  void end_request(Route& route, sc_core::sc_time delay);
  void queue_response(Route& route, const sc_core::sc_time& due);
  tlm::tlm_sync_enum end_response(Route& route, sc_core::sc_time& delay);
  unsigned source(const Route& route) const;  // number of the target; map_.targets() for an address error
  static void stamp(Route& route, const sc_core::sc_time& due);
  static bool ready(const Route& route);
  void schedule();
  Route* find(const tlm::tlm_generic_payload& payload);
  void error(const tlm::tlm_generic_payload& payload, const std::string& text) const;

  AddressMap map_;
  std::vector<std::unique_ptr<Ingress>> ingresses_;
  std::vector<std::unique_ptr<Egress>> egresses_;
  std::vector<bool> wanted_;  // scratch of step(): targets that somebody waits for
  std::unordered_map<const tlm::tlm_generic_payload*, Route> routes_;
  sc_core::sc_event wake_;
};

// Memory-mapped interconnect of the base protocol: any number of initiators and of targets.
//
// It takes no time, only delta cycles. Addresses are rewritten to the target's own (offset within the window)
// on the way there and restored for the initiator's response. An address outside the map, or a transfer that
// leaves its window, is answered TLM_ADDRESS_ERROR_RESPONSE.
//
// nb_transport: every hop keeps its own exclusion rules. Requests to one target wait here for its END_REQ,
// responses to one initiator for its END_RESP. Requests of the same delta cycle are arbitrated round robin in
// a process of the router, so the result does not depend on the order of the initiators' processes; the same
// holds for responses. Every BEGIN_REQ and BEGIN_RESP is answered TLM_ACCEPTED. END_REQ and END_RESP pass
// at once. Targets may use every form (TLM_UPDATED, TLM_COMPLETED, no END_REQ); their annotated delays are
// waited for here. Ignorable phases end here.
// b_transport, transport_dbg, DMI pass through; DMI ranges are translated and cut to the window.
template <unsigned BUSWIDTH = 32>
class Router final : public RouterBase {
 public:
  // One element of target_sockets for each initiator; initiator_sockets[j] goes to target j of the map.
  Router(const sc_core::sc_module_name& name, unsigned initiators, const AddressMap& map)
      : RouterBase(name, initiators, map),
        target_sockets("target_socket", initiators),
        initiator_sockets("initiator_socket", map.targets()) {
    for (unsigned i = 0; i < target_sockets.size(); ++i) target_sockets[i].bind(ingress(i));
    for (unsigned j = 0; j < initiator_sockets.size(); ++j) initiator_sockets[j].bind(egress(j));
  }

  sc_core::sc_vector<tlm::tlm_target_socket<BUSWIDTH>> target_sockets;
  sc_core::sc_vector<tlm::tlm_initiator_socket<BUSWIDTH>> initiator_sockets;

 private:
  tlm::tlm_bw_transport_if<>& to_initiator(unsigned i) override { return *target_sockets[i].operator->(); }
  tlm::tlm_fw_transport_if<>& to_target(unsigned j) override { return *initiator_sockets[j].operator->(); }
};

}  // namespace sim::bus
