// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>

#include "models/common/hbm_config.h"
#include "models/common/window_load.h"
#include "sim/config/visitor.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace common {

// `bus:` in a configuration.
struct BusConfig {
  double gbytes_per_s = 63;
  double latency_ns = 100;
  unsigned header_bytes = 16;
  sim::config::Auto<double> pj_per_bit;

  void fields(sim::config::Visitor& v);
};

// The one link between the host and all units: what is transferred takes its turn, one transfer at a time.
//
// Users are SC_THREADs with a number. Transfers asked for in one delta cycle are served in the order of
// numbers, so the order of processes does not matter.
class HostLink final : public sc_core::sc_module {
 public:
  HostLink(sc_core::sc_module_name name, const BusConfig& config, unsigned users, sim::stats::Group& stats);

  // Called from user's thread: returns when `bytes` and a header have crossed. Takes (bytes + header) / rate
  // from the time at which the link is free, then the latency.
  void transfer(unsigned user, std::uint64_t bytes);

  // Loosely timed instead, before the simulation; `window`: see WindowLoad.
  void decouple(Ps window);
  // Then: the user's transfer, asked for at `at` of its local time, has crossed at the time returned. Users
  // are what can want the link at the same time: 0 is the chain of commands that wait for each other, i + 1
  // what channel i does beside it. A transfer waits, beyond what transfer() takes, as in a queue with one
  // server whose customers come at random and take as long as the others' transfers of the last window did:
  // share / (1 - share) of half their length.
  Ps cross(unsigned user, std::uint64_t bytes, Ps at);

  Ps time_of(std::uint64_t bytes) const;  // on the link, header included
  Ps latency() const { return latency_; }
  Ps busy() const { return busy_; }
  Ps waited() const { return waited_; }                   // for others' transfers
  std::uint64_t bytes() const { return bytes_.value(); }  // headers included
  std::uint64_t transfers() const { return transfers_.value(); }

 private:
  struct Request {
    unsigned user;
    std::uint64_t bytes;
    Ps asked;
  };
  void grant();

  BusConfig config_;
  Ps latency_;
  unsigned users_;
  std::unique_ptr<WindowLoad> load_;  // loosely timed
  std::vector<Request> requests_;
  std::vector<std::unique_ptr<sc_core::sc_event>> granted_;  // by user
  sc_core::sc_event wake_;
  Ps free_ = 0, busy_ = 0, waited_ = 0;

  sim::stats::Group group_;
  sim::stats::Counter transfers_, bytes_;
  sim::stats::Histogram wait_;
};

}  // namespace common
