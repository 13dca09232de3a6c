// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include <systemc>
#include <tlm>

#include "models/common/command.h"
#include "models/common/host_link.h"
#include "sim/core/failure.h"
#include "sim/tlm/bus_master.h"

namespace common {

// One unit's command queue at the host: an SC_THREAD that starts commands in the order in which they come,
// sleeps until the unit's interrupt, and collects what is done. How a unit is told, and how asked, is the
// derived class's.
//
// Loosely timed (decouple()): the thread is a temporally decoupled initiator. It takes its commands in the
// order of the times at which they may start, runs ahead of the simulation by no more than the global quantum
// before it starts one, carries it out by b_transport at its own local time, and collects at the time at
// which the unit said that it would be done. It neither waits for room in the unit nor knows its interrupt.
class UnitChannel : public sc_core::sc_module {
 public:
  // `number`: of the channel, also its user number at the link.
  UnitChannel(sc_core::sc_module_name name, unsigned number, HostLink& link, sim::Failure& failure);
  ~UnitChannel() override;

  tlm::tlm_initiator_socket<64>& socket() { return master_.socket; }
  sc_core::sc_in<bool> irq;

  // Before the simulation; the link is decoupled, too, and the unit speaks b_transport.
  void decouple() { loose_ = true; }

  // Where the unit's registers begin on the bus. Before the simulation.
  void set_base(std::uint64_t base) { base_ = base; }
  // The command may start; called by the player. Lives until `done` was called with it.
  void submit(Command& command);
  void on_done(std::function<void(Command&)> done) { done_ = std::move(done); }

  // Whether the unit keeps the order of commands of this stream by itself.
  virtual bool keeps_order(unsigned stream) const {
    (void)stream;
    return false;
  }
  unsigned number() const { return number_; }
  std::size_t waiting() const { return queue_.size(); }
  std::size_t under_way() const { return under_way_.size(); }
  const sim::bus::PayloadPool& pool() const { return master_.pool(); }
  std::uint64_t moved() const { return moved_; }  // bytes over the link so far, without headers

 protected:
  // All in the thread. What they throw ends the simulation.
  virtual void set_up() {}
  virtual bool room() const = 0;  // for one more command; the channel's own knowledge, no time passes
  virtual void start(Command& command) = 0;
  // The interrupt is high: collects what is done, with done(command) for each.
  virtual void collect() = 0;

  Ps now() const;               // of the simulation; loosely timed: local
  void done(Command& command);  // takes it out of under_way()
  std::deque<Command*>& commands_under_way() { return under_way_; }

  // Over the link and the bus. Throw sim::Error (check) for a response that is not OK.
  void write(std::uint64_t address, const void* data, std::uint64_t bytes);
  void read(std::uint64_t address, void* data, std::uint64_t bytes);
  void set(std::uint64_t address, std::uint64_t value) { write(address, &value, sizeof value); }
  std::uint64_t get(std::uint64_t address);

 private:
  void run();
  void serve();
  void serve_loosely();
  void begin(Command& command);
  Ps may_start(const Command& command) const;
  sc_core::sc_time ahead_of_simulation() const;
  void expect_ok(tlm::tlm_response_status status, const char* what, std::uint64_t address) const;

  unsigned number_;
  HostLink& link_;
  sim::Failure& failure_;
  sim::bus::BusMaster<64> master_;
  sc_core::sc_event submitted_;
  std::deque<Command*> queue_, under_way_;
  std::function<void(Command&)> done_;
  std::uint64_t base_ = 0, moved_ = 0;

  bool loose_ = false;
  Ps at_ = 0, ready_ = 0;        // loosely timed: local time; when the unit is done
  unsigned link_user_ = 0;       // commands that follow from each other are one
  std::map<unsigned, Ps> free_;  // by stream: the next command may be started
};

}  // namespace common
