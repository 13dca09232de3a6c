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
  loaded_ = &workload_.modulus_of(0);
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
  // Operands of another modulus wait until every result of the last one is back.
  const std::uint64_t n = next_operand_.n;
  if (n < workload_.total() && &workload_.modulus_of(n) != loaded_) {
    if (next_result_.n < n) return;
    load_modulus(workload_.modulus_of(n));
  }
  const std::uint64_t left = std::min(workload_.total() - n, workload_.same_modulus(n));
  const std::size_t bytes = workload_.x_limbs() * sizeof(Limb);
  const std::uint64_t window = HostMap::kOperandBytes / bytes;
  const std::uint64_t room = left == 0 ? 0 : get(HostMap::kOperandRoom);
  const std::size_t count = static_cast<std::size_t>(std::min({left, burst_, window, room}));
  if (count == 0) return;
  const std::size_t got = workload_.fill(next_operand_, 1, count, buffer_);
  expect_ok(master_.write(HostMap::kOperand, buffer_.data(), static_cast<unsigned>(got * bytes)),
            "writing operands");
}

void SocketDriver::load_modulus(const Modulus& modulus) {
  const sim::Cycle begin = reducer_.domain().now();
  loaded_ = &modulus;
  expect_ok(master_.write(HostMap::kModulus, modulus.limbs().data(),
                          static_cast<unsigned>(modulus.limbs().size() * sizeof(Limb))),
            "writing a modulus");
  set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kLoad);
  while ((get(HostMap::kStatus) & HostMap::kLoading) != 0) {
  }
  ++loads_;
  load_cycles_ += reducer_.domain().now() - begin;
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
