// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/command.h"
#include "sim/record/recorder.h"

namespace platform {

// What the host sees, on the run's timeline (in nanoseconds):
//   token/record       the chain of commands that decided when each token was done, command after command
//   token/waits for    whom each piece of that chain waited for
//   host/UNIT          what a unit worked at; the GPU's second stream apart
class Timeline {
 public:
  // `units`: names, in the order of Command::channel.
  Timeline(sim::record::Recorder& recorder, const std::vector<std::string>& units);

  void wait(const common::Wait& wait);
  void end_token();
  void command(const common::Command& command);

 private:
  void span(sim::record::TrackId track, sim::record::NameId name, common::Ps from, common::Ps until,
            std::uint64_t id);

  sim::record::Recorder& recorder_;
  sim::record::TrackId record_, waits_;
  std::vector<sim::record::TrackId> units_, beside_;
  std::vector<sim::record::NameId> causes_, operations_;
  common::Wait last_;  // pieces of one command, as one
};

}  // namespace platform
