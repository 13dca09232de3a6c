// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/unit_channel.h"

#include <algorithm>
#include <utility>

#include "models/common/now.h"
#include "sim/core/error.h"
#include "sim/core/run.h"

namespace common {

namespace {
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;  // of one transaction
}  // namespace

UnitChannel::UnitChannel(sc_core::sc_module_name name, unsigned number, HostLink& link, sim::Failure& failure)
    : sc_module(name), irq("irq"), number_(number), link_(link), failure_(failure), master_("master") {
  SC_HAS_PROCESS(UnitChannel);
  SC_THREAD(run);
}

UnitChannel::~UnitChannel() = default;

void UnitChannel::submit(Command& command) {
  queue_.push_back(&command);
  submitted_.notify(sc_core::SC_ZERO_TIME);
}

void UnitChannel::run() {
  sim::guarded(failure_, [this] { serve(); });
}

void UnitChannel::serve() {
  set_up();
  for (;;) {
    if (irq.read() && !under_way_.empty()) {
      collect();
    } else if (!queue_.empty() && room()) {
      Command& command = *queue_.front();
      queue_.pop_front();
      under_way_.push_back(&command);
      command.passed(Cause::queue, now_ps());
      const std::uint64_t before = moved_;
      start(command);
      command.account.bus_bytes += moved_ - before;
      command.passed(Cause::bus, now_ps());
    } else {
      sc_core::wait(submitted_ | irq.posedge_event());
    }
  }
}

void UnitChannel::done(Command& command) {
  under_way_.erase(std::find(under_way_.begin(), under_way_.end(), &command));
  command.done = now_ps();
  done_(command);
}

void UnitChannel::expect_ok(tlm::tlm_response_status status, const char* what, std::uint64_t address) const {
  if (status == tlm::TLM_OK_RESPONSE) return;
  throw sim::Error(sim::Exit::check, std::string(name()) + ": " + what + " at offset " +
                                         std::to_string(address) + " was answered " +
                                         std::to_string(static_cast<int>(status)) + ", not TLM_OK_RESPONSE");
}

void UnitChannel::write(std::uint64_t address, const void* data, std::uint64_t bytes) {
  const auto* from = static_cast<const unsigned char*>(data);
  for (std::uint64_t at = 0; at < bytes; at += kMostBytes) {
    const std::uint64_t n = std::min(kMostBytes, bytes - at);
    link_.transfer(number_, n);
    moved_ += n;
    expect_ok(master_.write(base_ + address + at, from + at, static_cast<unsigned>(n)), "a write",
              address + at);
  }
}

void UnitChannel::read(std::uint64_t address, void* data, std::uint64_t bytes) {
  auto* to = static_cast<unsigned char*>(data);
  for (std::uint64_t at = 0; at < bytes; at += kMostBytes) {
    const std::uint64_t n = std::min(kMostBytes, bytes - at);
    sc_core::wait(sc_core::sc_time::from_value(link_.latency()));  // the request
    expect_ok(master_.read(base_ + address + at, to + at, static_cast<unsigned>(n)), "a read", address + at);
    link_.transfer(number_, n);
    moved_ += n;
  }
}

std::uint64_t UnitChannel::get(std::uint64_t address) {
  std::uint64_t value = 0;
  read(address, &value, sizeof value);
  return value;
}

}  // namespace common
