// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/gpu_channel.h"

#include <algorithm>

#include "sim/core/error.h"

namespace common {

void GpuChannel::set_up() { set(GpuMap::kControl, GpuMap::kIrqEnable); }

// Of both streams together: never more than one of them takes.
bool GpuChannel::room() const { return under_way() < queue_; }

void GpuChannel::start(Command& command) {
  const GpuCommand& kernel = static_cast<const GpuWork&>(*command.work).kernel;
  write(GpuMap::kCommand, &kernel, sizeof kernel);
}

void GpuChannel::collect() {
  GpuCompletion record;
  const std::uint64_t before = moved();
  read(GpuMap::kCompletion, &record, sizeof record);
  auto& list = commands_under_way();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Command* c) { return c->id == record.tag; });
  if (found == list.end()) {
    throw sim::Error(sim::Exit::check, std::string(name()) + ": a completion of kernel " +
                                           std::to_string(record.tag) + ", which was not sent");
  }
  Command& command = **found;
  command.passed(Cause::queue, record.started);
  command.passed(Cause::gpu, record.finished - record.memory);
  command.passed(Cause::hbm, record.finished);
  command.finished = record.finished;
  command.passed(Cause::bus, now());
  command.account.bus_bytes += moved() - before;
  if (command.stream == 0) command.account.gpu_busy = record.finished - record.started;
  done(command);
}

}  // namespace common
