// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/unit_channel.h"

#include <algorithm>
#include <utility>

#include <tlm_utils/tlm_quantumkeeper.h>

#include "models/common/now.h"
#include "sim/core/error.h"
#include "sim/core/run.h"

namespace common {

namespace {
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;  // of one transaction

// A quantum keeper whose synchronisation a new command cuts short.
class Keeper final : public tlm_utils::tlm_quantumkeeper {
 public:
  explicit Keeper(const sc_core::sc_event& event) : event_(event) { reset(); }
  void sync() override {
    sc_core::wait(get_local_time(), event_);
    reset();
  }

 private:
  const sc_core::sc_event& event_;
};
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
  sim::guarded(failure_, [this] { loose_ ? serve_loosely() : serve(); });
}

Ps UnitChannel::now() const { return loose_ ? at_ : now_ps(); }

void UnitChannel::begin(Command& command) {
  under_way_.push_back(&command);
  command.passed(Cause::queue, now());
  const std::uint64_t before = moved_;
  start(command);
  command.account.bus_bytes += moved_ - before;
  command.passed(Cause::bus, now());
}

// A unit that keeps order is told ahead, any other when what it had is done.
Ps UnitChannel::may_start(const Command& command) const {
  const auto free = free_.find(command.stream);
  return std::max(command.submitted, free == free_.end() ? 0 : free->second);
}

void UnitChannel::serve_loosely() {
  Keeper keeper(submitted_);
  set_up();
  for (;;) {
    if (queue_.empty()) {
      sc_core::wait(submitted_);
      continue;
    }
    const auto next =
        std::min_element(queue_.begin(), queue_.end(), [this](const Command* a, const Command* b) {
          const Ps x = may_start(*a), y = may_start(*b);
          return x != y ? x < y : a->id < b->id;
        });
    Command& command = **next;
    const Ps start = std::max(may_start(command), now_ps());
    keeper.reset();
    keeper.set(sc_core::sc_time::from_value(start - now_ps()));
    if (start > now_ps() && keeper.need_sync()) {
      keeper.sync();
      continue;  // another command may have come meanwhile that starts before
    }
    queue_.erase(next);
    at_ = start;
    ready_ = 0;
    link_user_ = command.beside ? number_ + 1 : 0;
    begin(command);
    Ps& free = free_[command.stream];
    free = at_;
    at_ = std::max(at_, ready_);
    const bool ahead = keeps_order(command.stream);
    collect();
    if (!ahead) free = at_;
  }
}

void UnitChannel::serve() {
  set_up();
  for (;;) {
    if (irq.read() && !under_way_.empty()) {
      collect();
    } else if (!queue_.empty() && room()) {
      Command& command = *queue_.front();
      queue_.pop_front();
      begin(command);
    } else {
      sc_core::wait(submitted_ | irq.posedge_event());
    }
  }
}

void UnitChannel::done(Command& command) {
  under_way_.erase(std::find(under_way_.begin(), under_way_.end(), &command));
  command.done = now();
  done_(command);
}

void UnitChannel::expect_ok(tlm::tlm_response_status status, const char* what, std::uint64_t address) const {
  if (status == tlm::TLM_OK_RESPONSE) return;
  throw sim::Error(sim::Exit::check, std::string(name()) + ": " + what + " at offset " +
                                         std::to_string(address) + " was answered " +
                                         std::to_string(static_cast<int>(status)) + ", not TLM_OK_RESPONSE");
}

sc_core::sc_time UnitChannel::ahead_of_simulation() const {
  return sc_core::sc_time::from_value(at_ > now_ps() ? at_ - now_ps() : 0);
}

void UnitChannel::write(std::uint64_t address, const void* data, std::uint64_t bytes) {
  const auto* from = static_cast<const unsigned char*>(data);
  for (std::uint64_t at = 0; at < bytes; at += kMostBytes) {
    const std::uint64_t n = std::min(kMostBytes, bytes - at);
    moved_ += n;
    const auto bytes_now = static_cast<unsigned>(n);
    tlm::tlm_response_status status;
    if (loose_) {
      at_ = link_.cross(link_user_, n, at_);
      sc_core::sc_time delay = ahead_of_simulation();
      status = master_.write(base_ + address + at, from + at, bytes_now, delay, ready_);
      at_ = now_ps() + delay.value();
    } else {
      link_.transfer(number_, n);
      status = master_.write(base_ + address + at, from + at, bytes_now);
    }
    expect_ok(status, "a write", address + at);
  }
}

void UnitChannel::read(std::uint64_t address, void* data, std::uint64_t bytes) {
  auto* to = static_cast<unsigned char*>(data);
  for (std::uint64_t at = 0; at < bytes; at += kMostBytes) {
    const std::uint64_t n = std::min(kMostBytes, bytes - at);
    const auto bytes_now = static_cast<unsigned>(n);
    tlm::tlm_response_status status;
    if (loose_) {
      at_ += link_.latency();  // the request
      sc_core::sc_time delay = ahead_of_simulation();
      status = master_.read(base_ + address + at, to + at, bytes_now, delay, ready_);
      at_ = link_.cross(link_user_, n, now_ps() + delay.value());
    } else {
      sc_core::wait(sc_core::sc_time::from_value(link_.latency()));  // the request
      status = master_.read(base_ + address + at, to + at, bytes_now);
      link_.transfer(number_, n);
    }
    expect_ok(status, "a read", address + at);
    moved_ += n;
  }
}

std::uint64_t UnitChannel::get(std::uint64_t address) {
  std::uint64_t value = 0;
  read(address, &value, sizeof value);
  return value;
}

}  // namespace common
