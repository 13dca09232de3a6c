// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/fabric_unit.h"

#include <algorithm>
#include <string>

#include "sim/core/error.h"
#include "sim/core/run.h"

namespace ring {

// The two sockets of one GPU.
class FabricUnit::Port final : LinkForwardBase, LinkBackwardBase {
 public:
  Port(FabricUnit& unit, NodeId gpu)
      : in(("in" + std::to_string(gpu)).c_str()),
        out(("out" + std::to_string(gpu)).c_str()),
        unit_(unit),
        gpu_(gpu) {
    in.bind(static_cast<LinkForward&>(*this));
    out.bind(static_cast<LinkBackward&>(*this));
  }
  LinkTarget in;
  LinkInitiator out;
  std::uint32_t sequence = 0;  // of the next train to the GPU

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) override {
    if (phase == kTrain) unit_.send(gpu_, payload);
    return tlm::TLM_ACCEPTED;
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;  // what is delivered is answered TLM_COMPLETED
  }

  FabricUnit& unit_;
  NodeId gpu_;
};

FabricUnit::FabricUnit(const sc_core::sc_module_name& name, const Fabric& fabric, const Routes& routes,
                       const Hardware& hardware, std::uint64_t shuffle_seed, sim::Failure& failure)
    : sc_module(name), network_(fabric, routes, hardware, shuffle_seed), failure_(failure) {
  if (sc_core::sc_get_time_resolution() != sc_core::sc_time(1, sc_core::SC_PS)) {
    throw sim::Error(sim::Exit::usage,
                     "the ring counts picoseconds: leave SystemC's time resolution at 1 ps");
  }
  for (NodeId gpu = 0; gpu < fabric.gpus; ++gpu) ports_.push_back(std::make_unique<Port>(*this, gpu));
  SC_HAS_PROCESS(FabricUnit);
  SC_METHOD(wake);
  sensitive << wake_;
  dont_initialize();
}

FabricUnit::~FabricUnit() = default;

LinkTarget& FabricUnit::in(NodeId gpu) { return ports_[gpu]->in; }
LinkInitiator& FabricUnit::out(NodeId gpu) { return ports_[gpu]->out; }

void FabricUnit::send(NodeId gpu, tlm::tlm_generic_payload& payload) {
  const LinkHeader& header = link_header(payload);
  payload.acquire();
  if (header.message >= under_way_.size()) under_way_.resize(header.message + 1);
  under_way_[header.message] = &payload;
  const Ps now = sc_core::sc_time_stamp().value();
  if (network_.idle()) network_.advance(now);  // step() has left it where it was
  network_.send(header.message, gpu, header.to, header.bytes, now);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void FabricUnit::wake() {
  sim::guarded(failure_, [this] { step(sc_core::sc_time_stamp().value()); });
}

void FabricUnit::step(Ps now) {
  for (;;) {
    for (Notice notice; network_.pop(now, notice);) show(notice);
    // Packets move past this picosecond only when everybody has done all that belongs to it.
    const bool busy = sc_core::sc_pending_activity_at_current_time();
    Ps limit = now;
    if (!busy) {
      const sc_core::sc_time others = sc_core::sc_time_to_pending_activity();
      const bool never = others >= sc_core::sc_max_time() - sc_core::sc_time_stamp();
      limit = never ? kNeverPs : now + others.value();
    }
    const Ps next = network_.advance(limit);
    if (next == kNeverPs || network_.idle()) return;
    if (network_.noticed_at() == now) continue;
    wake_.notify(sc_core::sc_time::from_value(busy ? 1 : next - now));
    return;
  }
}

void FabricUnit::show(const Notice& notice) {
  tlm::tlm_generic_payload& payload = *under_way_[notice.message];
  LinkHeader& header = link_header(payload);
  Port& source = *ports_[header.from];
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  if (notice.kind == Notice::Kind::left) {
    tlm::tlm_phase phase = kCredit;
    source.in->nb_transport_bw(payload, phase, delay);
    return;
  }
  if (arrival_) arrival_(notice.message, notice.waits);
  Port& sink = *ports_[header.to];
  tlm::tlm_phase phase = kTrain;
  const std::uint32_t sequence = header.sequence;
  header.sequence = sink.sequence++;
  sink.out->nb_transport_fw(payload, phase, delay);
  header.sequence = sequence;
  phase = kAck;
  source.in->nb_transport_bw(payload, phase, delay);
  payload.release();
}

}  // namespace ring
