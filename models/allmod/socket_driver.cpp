// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/socket_driver.h"

#include <algorithm>
#include <string>

#include "sim/core/error.h"
#include "sim/core/run.h"

namespace allmod {
namespace {

void expect_ok(tlm::tlm_response_status status, const char* what) {
  if (status == tlm::TLM_OK_RESPONSE) return;
  throw sim::Error(sim::Exit::check, std::string("socket driver: ") + what + " was answered " +
                                         std::to_string(static_cast<int>(status)) + ", not TLM_OK_RESPONSE");
}

}  // namespace

SocketDriver::SocketDriver(sc_core::sc_module_name name, Reducer& reducer, Workload& workload, unsigned burst,
                           sim::Failure& failure)
    : sc_module(name),
      irq("irq"),
      reducer_(reducer),
      workload_(workload),
      burst_(burst),
      failure_(failure),
      master_("master"),
      next_operand_(workload.begin()),
      next_result_(workload.begin()) {
  SC_HAS_PROCESS(SocketDriver);
  SC_THREAD(run);
}

void SocketDriver::set(std::uint64_t offset, std::uint64_t value) {
  expect_ok(master_.write(offset, &value, sizeof value), "a register write");
}

std::uint64_t SocketDriver::get(std::uint64_t offset) {
  std::uint64_t value = 0;
  expect_ok(master_.read(offset, &value, sizeof value), "a register read");
  return value;
}

void SocketDriver::run() {
  sim::guarded(failure_, [this] { serve(); });
}

void SocketDriver::serve() {
  set(HostMap::kIrqThreshold, 1);
  set(HostMap::kControl, HostMap::kIrqEnable);
  while (workload_.done() < workload_.total()) {
    write_some();
    if (!irq.read()) {
      wait(irq.posedge_event());
    }
    read_some();
  }
}

void SocketDriver::write_some() {
  const std::uint64_t left = workload_.total() - next_operand_.n;
  const std::size_t bytes = workload_.x_limbs() * sizeof(Limb);
  const std::uint64_t window = HostMap::kOperandBytes / bytes;
  const std::uint64_t room = left == 0 ? 0 : get(HostMap::kOperandRoom);
  const std::size_t count = static_cast<std::size_t>(std::min({left, burst_, window, room}));
  if (count == 0) return;
  const std::size_t got = workload_.fill(next_operand_, 1, count, buffer_);
  expect_ok(master_.write(HostMap::kOperand, buffer_.data(), static_cast<unsigned>(got * bytes)),
            "writing operands");
}

void SocketDriver::read_some() {
  const std::size_t bytes = workload_.n_limbs() * sizeof(Limb);
  const std::uint64_t window = HostMap::kResultBytes / bytes;
  const std::size_t count = static_cast<std::size_t>(std::min({get(HostMap::kResultCount), burst_, window}));
  if (count == 0) return;
  buffer_.resize(count * workload_.n_limbs());
  expect_ok(master_.read(HostMap::kResult, buffer_.data(), static_cast<unsigned>(count * bytes)),
            "reading results");
  const sim::Cycle now = reducer_.domain().now();
  for (std::size_t i = 0; i < count; ++i) {
    workload_.result(next_result_, &buffer_[i * workload_.n_limbs()], now);
    workload_.advance(next_result_, 1);
  }
}

}  // namespace allmod
