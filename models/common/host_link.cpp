// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/host_link.h"

#include <algorithm>
#include <cmath>

namespace common {

using sc_core::sc_time;

void BusConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  v.field("gbytes_per_s", gbytes_per_s,
          Meta("GB/s", "of the link between the host and all units")
              .range(0.001, 1e6)
              .paper("PCIe 5.0 x16: 32 GT/s, 128/130 coded, a direction"));
  v.field("latency_ns", latency_ns,
          Meta("ns", "from the last byte's sending to its arrival")
              .range(0.0, 1e6)
              .assumed("no published figure for such a platform"));
  v.field("header_bytes", header_bytes,
          Meta("byte", "of a transfer, beside its data")
              .range(0u, 4096u)
              .paper("PCIe: a TLP's header of 16 bytes"));
  v.field("pj_per_bit", pj_per_bit,
          Meta("pJ/bit", "energy of a bit moved; unknown: no figure").range(0.0, 1e6).word("unknown"));
}

HostLink::HostLink(sc_core::sc_module_name name, const BusConfig& config, unsigned users,
                   sim::stats::Group& stats)
    : sc_module(name),
      config_(config),
      latency_(picoseconds(config.latency_ns)),
      users_(users),
      group_(stats, "bus"),
      transfers_(group_, "transfers", "transfer", "transfers over the link"),
      bytes_(group_, "bytes", "byte", "bytes over the link, headers included"),
      wait_(group_, "wait", "ns", "time that a transfer waited for others") {
  for (unsigned i = 0; i < users; ++i) granted_.push_back(std::make_unique<sc_core::sc_event>());
  SC_HAS_PROCESS(HostLink);
  SC_METHOD(grant);
  sensitive << wake_;
  dont_initialize();
}

Ps HostLink::time_of(std::uint64_t bytes) const {
  return static_cast<Ps>(
      std::ceil(static_cast<double>(bytes + config_.header_bytes) * 1e3 / config_.gbytes_per_s));
}

void HostLink::transfer(unsigned user, std::uint64_t bytes) {
  requests_.push_back({user, bytes, sc_core::sc_time_stamp().value()});
  wake_.notify(sc_core::SC_ZERO_TIME);
  sc_core::wait(*granted_[user]);
}

void HostLink::decouple(Ps window) { load_ = std::make_unique<WindowLoad>(window, users_ + 1); }

Ps HostLink::cross(unsigned user, std::uint64_t bytes, Ps at) {
  const WindowLoad::Others others = load_->others(user, sc_core::sc_time_stamp().value());
  const Ps waits = static_cast<Ps>(others.share / (1 - others.share) * others.mean / 2);
  const Ps took = time_of(bytes);
  load_->add(user, at + waits, at + waits, took);
  busy_ += took;
  waited_ += waits;
  wait_.add(waits / 1000);
  ++transfers_;
  bytes_ += bytes + config_.header_bytes;
  return at + waits + took + latency_;
}

void HostLink::grant() {
  const Ps now = sc_core::sc_time_stamp().value();
  std::sort(requests_.begin(), requests_.end(),
            [](const Request& a, const Request& b) { return a.user < b.user; });
  for (const Request& r : requests_) {
    const Ps start = std::max(now, free_), took = time_of(r.bytes);
    free_ = start + took;
    busy_ += took;
    waited_ += start - r.asked;
    wait_.add((start - r.asked) / 1000);
    ++transfers_;
    bytes_ += r.bytes + config_.header_bytes;
    granted_[r.user]->notify(sc_time::from_value(free_ + latency_ - now));
  }
  requests_.clear();
}

}  // namespace common
