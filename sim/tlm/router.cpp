// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/router.h"

#include <algorithm>
#include <utility>

#include "sim/tlm/describe.h"
#include "sim/tlm/device.h"

namespace sim::bus {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using sc_core::SC_ZERO_TIME;

// The hop between one initiator and the router.
class RouterBase::Ingress final : public tlm::tlm_fw_transport_if<> {
 public:
  Ingress(RouterBase& router, unsigned number) : router_(router), number_(number) {}

  void b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) override {
    router_.blocking(payload, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time& delay) override {
    return router_.forward(number_, payload, phase, delay);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return router_.debug(payload); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override {
    return router_.direct(payload, dmi);
  }

  Route* requesting = nullptr;    // between BEGIN_REQ and its end, as the initiator sees it
  bool waiting = false;           // `requesting` has not been sent to its target yet
  std::vector<Route*> responses;  // to be sent to the initiator
  Route* responding = nullptr;    // between BEGIN_RESP and END_RESP
  sc_time response_free;          // earliest next BEGIN_RESP
  unsigned last_source = 0;       // round robin

 private:
  RouterBase& router_;
  unsigned number_;
};

// The hop between the router and one target.
class RouterBase::Egress final : public tlm::tlm_bw_transport_if<> {
 public:
  Egress(RouterBase& router, unsigned number) : router_(router), number_(number) {}

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time& delay) override {
    return router_.backward(number_, payload, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override {
    router_.invalidate(number_, start, end);
  }

  Route* requesting = nullptr;  // between BEGIN_REQ and its end, as the target sees it
  sc_time request_free;         // earliest next BEGIN_REQ
  unsigned last_initiator = 0;  // round robin

 private:
  RouterBase& router_;
  unsigned number_;
};

RouterBase::RouterBase(const sc_core::sc_module_name& name, unsigned initiators, AddressMap map)
    : sc_module(name), map_(std::move(map)) {
  for (unsigned i = 0; i < initiators; ++i) ingresses_.push_back(std::make_unique<Ingress>(*this, i));
  for (unsigned j = 0; j < map_.targets(); ++j) egresses_.push_back(std::make_unique<Egress>(*this, j));
  SC_HAS_PROCESS(RouterBase);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

RouterBase::~RouterBase() = default;

tlm::tlm_fw_transport_if<>& RouterBase::ingress(unsigned initiator) { return *ingresses_[initiator]; }
tlm::tlm_bw_transport_if<>& RouterBase::egress(unsigned target) { return *egresses_[target]; }

void RouterBase::error(const tlm::tlm_generic_payload& payload, const std::string& text) const {
  SC_REPORT_ERROR("/sim/bus/router", (std::string(name()) + ": " + describe(payload) + ": " + text).c_str());
}

RouterBase::Route* RouterBase::find(const tlm::tlm_generic_payload& payload) {
  const auto found = routes_.find(&payload);
  return found == routes_.end() ? nullptr : &found->second;
}

unsigned RouterBase::source(const Route& route) const {
  return route.window != nullptr ? route.window->target : map_.targets();
}

void RouterBase::stamp(Route& route, const sc_time& due) {
  route.due = due;
  route.queued_at = sc_time_stamp();
  route.queued_delta = sc_core::sc_delta_count();
}

// Due, and queued before the current delta cycle. (Calls from sc_main share their number with the next one.)
bool RouterBase::ready(const Route& route) {
  const bool earlier = route.queued_at != sc_time_stamp() || route.queued_delta != sc_core::sc_delta_count();
  return earlier && route.due <= sc_time_stamp();
}

// ---- calls from both sides: they only queue, or pass on what has no arbitration (END_REQ, END_RESP)

tlm::tlm_sync_enum RouterBase::forward(unsigned initiator, tlm::tlm_generic_payload& payload,
                                       const tlm::tlm_phase& phase, sc_time& delay) {
  Ingress& from = *ingresses_[initiator];
  if (phase == tlm::BEGIN_REQ) {
    if (from.requesting != nullptr || find(payload) != nullptr || !payload.has_mm()) {
      error(payload,
            "BEGIN_REQ before the end of the previous request, with a payload in flight, or without a "
            "memory manager; the initiator has to wait for END_REQ and set a memory manager");
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    Route& route = routes_[&payload];
    route.payload = &payload;
    route.initiator = initiator;
    route.address = payload.get_address();
    route.window = map_.find(route.address, span(payload));
    stamp(route, sc_time_stamp() + delay);
    from.requesting = &route;
    from.waiting = true;
    schedule();
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP) {
    Route* route = find(payload);
    if (route == nullptr || from.responding != route) {
      error(payload, "END_RESP without BEGIN_RESP; answer each BEGIN_RESP exactly once");
      return tlm::TLM_COMPLETED;
    }
    const tlm::tlm_sync_enum status = end_response(*route, delay);
    schedule();
    return status;
  }
  if (phase <= tlm::END_RESP) error(payload, describe(phase) + " on the forward path");
  return tlm::TLM_ACCEPTED;  // an ignorable phase ends here
}

tlm::tlm_sync_enum RouterBase::backward(unsigned target, tlm::tlm_generic_payload& payload,
                                        const tlm::tlm_phase& phase, const sc_time& delay) {
  Route* route = find(payload);
  if (phase > tlm::END_RESP) return tlm::TLM_ACCEPTED;  // an ignorable phase ends here
  Egress& from = *egresses_[target];
  if (route == nullptr || source(*route) != target || (phase == tlm::END_REQ && from.requesting != route) ||
      (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP)) {
    error(payload,
          describe(phase) + " from target " + std::to_string(target) + " was not to be expected here");
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_REQ) {
    end_request(*route, delay);
  } else {
    if (from.requesting == route) {  // END_REQ is implied
      from.requesting = nullptr;
      from.request_free = sc_time_stamp() + delay;
    }
    queue_response(*route, sc_time_stamp() + delay);
  }
  schedule();
  return tlm::TLM_ACCEPTED;
}

// ---- the process: whatever is due and was queued in an earlier delta cycle

void RouterBase::step() {
  const sc_time now = sc_time_stamp();
  for (auto& from : ingresses_) {
    Route* route = from->requesting;
    if (!from->waiting || route->window != nullptr || !ready(*route)) continue;
    from->waiting = false;
    route->answered = true;
    route->payload->set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    queue_response(*route, now);
  }
  // What comes while these are sent is not ready before the next delta cycle.
  wanted_.assign(egresses_.size(), false);
  for (const auto& from : ingresses_) {
    if (from->waiting && from->requesting->window != nullptr) wanted_[source(*from->requesting)] = true;
  }
  for (unsigned target = 0; target < egresses_.size(); ++target) {
    if (!wanted_[target]) continue;
    if (Route* route = next_request(target)) send_request(*route);
  }
  for (unsigned initiator = 0; initiator < ingresses_.size(); ++initiator) {
    if (ingresses_[initiator]->responses.empty()) continue;
    if (Route* route = next_response(initiator)) send_response(*route);
  }
  schedule();
}

// Round robin, beginning behind the initiator that was served last.
RouterBase::Route* RouterBase::next_request(unsigned target) const {
  const Egress& to = *egresses_[target];
  const sc_time now = sc_time_stamp();
  if (to.requesting != nullptr || to.request_free > now) return nullptr;
  const auto count = static_cast<unsigned>(ingresses_.size());
  for (unsigned k = 1; k <= count; ++k) {
    const Ingress& from = *ingresses_[(to.last_initiator + k) % count];
    Route* route = from.requesting;
    if (from.waiting && source(*route) == target && ready(*route)) {
      return route;
    }
  }
  return nullptr;
}

// The one that is due first; round robin over the targets among those due at the same time.
RouterBase::Route* RouterBase::next_response(unsigned initiator) const {
  const Ingress& to = *ingresses_[initiator];
  const sc_time now = sc_time_stamp();
  if (to.responding != nullptr || to.response_free > now) return nullptr;
  const unsigned sources = map_.targets() + 1;
  const auto turn = [&](const Route& route) {
    return (source(route) + sources - to.last_source - 1) % sources;
  };
  Route* best = nullptr;
  for (Route* route : to.responses) {
    if (!ready(*route)) continue;
    if (best == nullptr || route->due < best->due ||
        (route->due == best->due && turn(*route) < turn(*best))) {
      best = route;
    }
  }
  return best;
}

void RouterBase::send_request(Route& route) {
  Egress& to = *egresses_[route.window->target];
  tlm::tlm_generic_payload& payload = *route.payload;
  to.requesting = &route;
  to.last_initiator = route.initiator;
  ingresses_[route.initiator]->waiting = false;
  payload.set_address(route.address - route.window->base + route.window->offset);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = to_target(route.window->target).nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED || (status == tlm::TLM_UPDATED && phase > tlm::END_RESP)) return;
  if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    end_request(route, delay);
  } else if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) {
    to.requesting = nullptr;
    to.request_free = sc_time_stamp() + delay;
    route.answered = status == tlm::TLM_COMPLETED;
    queue_response(route, sc_time_stamp() + delay);
  } else {
    error(payload, "the target answered BEGIN_REQ with TLM_UPDATED and " + describe(phase));
  }
}

void RouterBase::end_request(Route& route, sc_time delay) {
  Egress& to = *egresses_[route.window->target];
  to.requesting = nullptr;
  to.request_free = sc_time_stamp() + delay;
  ingresses_[route.initiator]->requesting = nullptr;
  tlm::tlm_phase phase = tlm::END_REQ;
  const tlm::tlm_sync_enum status =
      to_initiator(route.initiator).nb_transport_bw(*route.payload, phase, delay);
  if (status != tlm::TLM_ACCEPTED) {
    error(*route.payload,
          "the initiator answered END_REQ with " + describe(status) + "; only TLM_ACCEPTED is allowed");
  }
}

void RouterBase::queue_response(Route& route, const sc_time& due) {
  stamp(route, due);
  ingresses_[route.initiator]->responses.push_back(&route);
}

void RouterBase::send_response(Route& route) {
  Ingress& to = *ingresses_[route.initiator];
  tlm::tlm_generic_payload& payload = *route.payload;
  to.responses.erase(std::find(to.responses.begin(), to.responses.end(), &route));
  to.responding = &route;
  to.last_source = source(route);
  if (to.requesting == &route) to.requesting = nullptr;  // END_REQ is implied
  payload.set_address(route.address);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = to_initiator(route.initiator).nb_transport_bw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED || to.responding != &route) return;  // END_RESP comes, or came from within
  if (status == tlm::TLM_COMPLETED || phase == tlm::END_RESP) {
    end_response(route, delay);
  } else if (phase < tlm::END_RESP) {
    error(payload, "the initiator answered BEGIN_RESP with TLM_UPDATED and " + describe(phase));
  }
}

tlm::tlm_sync_enum RouterBase::end_response(Route& route, sc_time& delay) {
  Ingress& from = *ingresses_[route.initiator];
  tlm::tlm_generic_payload& payload = *route.payload;
  from.responding = nullptr;
  from.response_free = sc_time_stamp() + delay;
  const bool answered = route.answered;
  const unsigned target = source(route);
  routes_.erase(&payload);  // `route` ends here
  tlm::tlm_sync_enum status = tlm::TLM_COMPLETED;
  if (!answered) {
    tlm::tlm_phase phase = tlm::END_RESP;
    status = to_target(target).nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_UPDATED) error(payload, "the target answered END_RESP with TLM_UPDATED");
  }
  payload.release();
  return status;
}

// Nothing that waits for a call from outside may be in here, or the process would spin.
void RouterBase::schedule() {
  const sc_time never = sc_core::sc_max_time();
  sc_time next = never;
  for (const auto& from : ingresses_) {
    if (from->waiting) {
      const Route& route = *from->requesting;
      if (route.window == nullptr) {
        next = std::min(next, route.due);
      } else if (egresses_[route.window->target]->requesting == nullptr) {
        next = std::min(next, std::max(route.due, egresses_[route.window->target]->request_free));
      }
    }
    if (from->responding != nullptr) continue;
    for (const Route* route : from->responses)
      next = std::min(next, std::max(route->due, from->response_free));
  }
  wake_.cancel();
  if (next == never) return;
  const sc_time now = sc_time_stamp();
  wake_.notify(next > now ? next - now : SC_ZERO_TIME);
}

// ---- blocking, debug, DMI: pass through

void RouterBase::blocking(tlm::tlm_generic_payload& payload, sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const AddressMap::Window* window = map_.find(address, span(payload));
  if (window == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - window->base + window->offset);
  to_target(window->target).b_transport(payload, delay);
  payload.set_address(address);
}

unsigned RouterBase::debug(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  const AddressMap::Window* window = map_.find(address, payload.get_data_length());
  if (window == nullptr) return 0;
  payload.set_address(address - window->base + window->offset);
  const unsigned done = to_target(window->target).transport_dbg(payload);
  payload.set_address(address);
  return done;
}

bool RouterBase::direct(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = payload.get_address();
  const AddressMap::Window* window = map_.find(address, 1);
  if (window == nullptr) {
    dmi.allow_none();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
  }
  payload.set_address(address - window->base + window->offset);
  const bool granted = to_target(window->target).get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  // The target speaks of its own addresses: cut to the window, then translate.
  const std::uint64_t last = window->offset + (window->size - 1);
  const std::uint64_t start = std::max<std::uint64_t>(dmi.get_start_address(), window->offset);
  const std::uint64_t end = std::min<std::uint64_t>(dmi.get_end_address(), last);
  if (dmi.get_dmi_ptr() != nullptr) dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (start - dmi.get_start_address()));
  dmi.set_start_address(start - window->offset + window->base);
  dmi.set_end_address(end - window->offset + window->base);
  return granted;
}

void RouterBase::invalidate(unsigned target, std::uint64_t start, std::uint64_t end) {
  for (const AddressMap::Window& window : map_.windows()) {
    const std::uint64_t last = window.offset + (window.size - 1);
    if (window.target != target || end < window.offset || start > last) continue;
    const std::uint64_t from = std::max(start, window.offset) - window.offset + window.base;
    const std::uint64_t to = std::min(end, last) - window.offset + window.base;
    for (unsigned i = 0; i < ingresses_.size(); ++i) to_initiator(i).invalidate_direct_mem_ptr(from, to);
  }
}

}  // namespace sim::bus
