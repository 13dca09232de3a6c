// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A SystemC platform with a ring fabric in it: two network cards of one's own send each other a message over
// link sockets; what comes in is compared with latency and service times by hand.
#include <cstdint>
#include <iostream>

#include <systemc>

#include "models/ring/fabric_unit.h"
#include "models/ring/topology/generators.h"
#include "sim/core/failure.h"
#include "sim/core/run.h"
#include "sim/tlm/payload_pool.h"

struct Card final : sc_core::sc_module, ring::LinkForwardBase, ring::LinkBackwardBase {
  ring::LinkInitiator egress{"egress"};
  ring::LinkTarget ingress{"ingress"};
  std::uint32_t number, peer;
  sim::bus::PayloadPool pool;
  sc_core::sc_time received_at;
  std::uint64_t received = 0;

  Card(sc_core::sc_module_name name, std::uint32_t own, std::uint32_t other)
      : sc_module(name), number(own), peer(other) {
    egress.bind(static_cast<ring::LinkBackward&>(*this));
    ingress.bind(static_cast<ring::LinkForward&>(*this));
    SC_HAS_PROCESS(Card);
    SC_THREAD(send);
  }
  void send() {
    wait(sc_core::sc_time(1, sc_core::SC_NS));
    tlm::tlm_generic_payload& payload = pool.acquire(0);
    ring::LinkHeader& header = ring::link_header(payload);
    header.message = number;
    header.from = number;
    header.to = peer;
    header.bytes = 25600;
    tlm::tlm_phase phase = ring::kTrain;
    sc_core::sc_time delay;
    egress->nb_transport_fw(payload, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                     sc_core::sc_time&) override {
    received += ring::link_header(payload).bytes;
    received_at = sc_core::sc_time_stamp();
    return tlm::TLM_COMPLETED;
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) override {
    if (phase == ring::kAck) payload.release();
    return tlm::TLM_ACCEPTED;
  }
};

int sc_main(int, char**) {
  ring::LinkClass link;
  link.name = "link";
  link.rate = ring::rate_of_gbytes_per_s(10);  // 272 B on the wire take 27.2 ns
  link.latency_ps = 500'000;
  const ring::Fabric shape = ring::full_mesh(2, link);
  const ring::Routes routes = ring::Routes::make(shape);
  sim::Failure failure;
  ring::FabricUnit fabric("fabric", shape, routes, ring::Hardware(), 0, failure);
  Card a("a", 0, 1), b("b", 1, 0);
  a.egress.bind(fabric.in(0));
  b.egress.bind(fabric.in(1));
  fabric.out(0).bind(a.ingress);
  fabric.out(1).bind(b.ingress);
  sim::run(failure);
  const sc_core::sc_time expected(1'000 + 100 * 27'200 + 500'000, sc_core::SC_PS);
  const bool right = b.received_at == expected && a.received_at == expected && b.received == 25600 &&
                     a.pool.outstanding() + b.pool.outstanding() == 0;
  std::cout << "25600 B at " << b.received_at << (right ? ", right" : ", WRONG") << std::endl;
  return right ? 0 : 1;
}
