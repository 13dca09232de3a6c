// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <systemc>

#include "models/common/command.h"
#include "models/common/unit_channel.h"
#include "sim/core/failure.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace common {

// `host:` in a configuration.
struct HostConfig {
  unsigned window = 1024;
  double dispatch_ns = 0;

  void fields(sim::config::Visitor& v);
};

// The host that plays a trace: takes commands from a source, hands each to its unit's channel as soon as what
// it waits for is done, and keeps the times. At most `window` commands that are not done are known at a time,
// and what is done stays until its token is, so memory stays bounded.
//
// A command that waits only for commands of the same stream of the same channel is handed over at once behind
// them: the unit keeps the order. What completes at one time is dealt with in the order of the trace, a delta
// cycle later: the order of processes does not matter.
class Player final : public sc_core::sc_module {
 public:
  // `channels` in the order of Command::channel. Everything referred to must outlive the player.
  Player(sc_core::sc_module_name name, const HostConfig& config, CommandSource& source,
         std::vector<UnitChannel*> channels, sim::Failure& failure, sim::stats::Group& stats);

  // Called with every token that is complete, in their order, and with every command, in the order of
  // completion.
  void on_token(std::function<void(const TokenTimes&)> f) { on_token_ = std::move(f); }
  void on_command(std::function<void(const Command&)> f) { on_command_ = std::move(f); }

  // Loosely timed channels only: those that may start at one time are handed over in an order drawn from
  // `seed`, which no result may depend on. 0: in the order of the trace.
  void shuffle(std::uint64_t seed) {
    shuffled_ = seed != 0;
    order_.seed(seed);
  }
  // Called with the pieces of every token, in the order of time, in front of on_token.
  void on_wait(std::function<void(const Wait&)> f) { on_wait_ = std::move(f); }

  bool finished() const { return exhausted_ && window_.empty(); }
  std::uint64_t done() const { return done_.value(); }
  std::string blocked() const;  // commands that are not done, and why; for a deadlock report

 private:
  struct Entry {
    Command command;
    std::size_t missing = 0;
    std::vector<CommandId> successors;
    bool submitted = false, done = false;
  };

  void start_of_simulation() override { wake_.notify(sc_core::SC_ZERO_TIME); }
  void step();
  void pull();
  void insert(Command command);
  void submit(Entry& entry);
  void complete(Entry& entry);
  void end_token(const Entry& last);
  void retire();
  Entry* find(CommandId id);
  // When `on` let `waiter` go.
  Ps released(const Command& on, const Command& waiter) const;

  HostConfig config_;
  CommandSource& source_;
  std::vector<UnitChannel*> channels_;
  sim::Failure& failure_;
  sc_core::sc_event wake_;
  std::deque<Entry> window_;  // by id, without gaps
  std::size_t pending_ = 0;   // of them not done
  CommandId first_ = 1;       // id of window_.front()
  std::vector<CommandId> ready_;
  std::vector<Command*> completed_;  // told by channels, not dealt with yet
  bool exhausted_ = false;
  bool shuffled_ = false;
  std::mt19937_64 order_;
  Ps token_end_ = 0;  // of the token before
  std::function<void(const TokenTimes&)> on_token_;
  std::function<void(const Command&)> on_command_;
  std::function<void(const Wait&)> on_wait_;

  sim::stats::Group group_;
  sim::stats::Counter done_;
  sim::stats::Gauge most_;
};

}  // namespace common
