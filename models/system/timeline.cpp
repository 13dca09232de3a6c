// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/timeline.h"

namespace platform {

using common::Cause;
using common::Operation;
using common::Ps;

Timeline::Timeline(sim::record::Recorder& recorder, const std::vector<std::string>& units)
    : recorder_(recorder),
      record_(recorder.track("token/record")),
      waits_(recorder.track("token/waits for")) {
  for (const std::string& unit : units) {
    units_.push_back(recorder.track("host/" + unit));
    beside_.push_back(unit == "gpu0" ? recorder.track("host/" + unit + " beside") : units_.back());
  }
  for (std::size_t i = 0; i < common::kCauses; ++i)
    causes_.push_back(recorder.name(common::name(static_cast<Cause>(i))));
  for (std::size_t i = 0; i < common::kOperations; ++i)
    operations_.push_back(recorder.name(common::name(static_cast<Operation>(i))));
}

void Timeline::span(sim::record::TrackId track, sim::record::NameId name, Ps from, Ps until,
                    std::uint64_t id) {
  if (until / 1000 > from / 1000) recorder_.span(track, name, from / 1000, until / 1000, id);
}

void Timeline::wait(const common::Wait& wait) {
  span(waits_, causes_[static_cast<std::size_t>(wait.cause)], wait.from, wait.until, wait.command);
  if (wait.command != last_.command) {
    end_token();
    last_ = wait;
  }
  last_.until = wait.until;
}

void Timeline::end_token() {
  if (last_.command != 0) {
    span(record_, operations_[static_cast<std::size_t>(last_.operation)], last_.from, last_.until,
         last_.command);
  }
  last_ = {};
}

void Timeline::command(const common::Command& command) {
  Ps begin = command.submitted;
  for (const common::Command::Segment& segment : command.segments) {
    if (segment.cause != Cause::queue && segment.cause != Cause::bus) break;
    begin = segment.until;
  }
  span(command.stream == 0 ? units_[command.channel] : beside_[command.channel],
       operations_[static_cast<std::size_t>(command.operation)], begin, command.finished, command.id);
}

}  // namespace platform
