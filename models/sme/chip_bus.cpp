// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/chip_bus.h"

#include <algorithm>

#include "models/sme/bank_core.h"

namespace sme {

using sim::Cycle;

ChipBus::ChipBus(sim::ClockDomain& domain, const ChipConfig& config, sim::record::Recorder& recorder)
    : Clocked("sme.chip_bus"),
      domain_(domain),
      width_(config.chip_bus_bytes),
      arbitration_(config.chip_bus_arbitration),
      arbiter_(make_arbiter(config.arbiter)),
      queues_(config.banks + 1),
      requests_(config.banks + 1),
      recorder_(recorder) {
  if (recorder.spans()) {
    track_ = recorder.track("chip/bus");
    names_[0] = recorder.name("inputs");
    names_[1] = recorder.name("partial sums");
    names_[2] = recorder.name("weights");
  }
  domain.add(*this);
}

void ChipBus::refresh(std::size_t requester, Cycle not_before) {
  const Ring<Transfer>& queue = queues_[requester];
  Request& request = requests_[requester];
  if (queue.empty()) {
    request.since = sim::kNever;
  } else {
    request.since = std::max(queue.front().posted, not_before) + arbitration_;
    request.result = queue.front().message.kind == BankMessage::Kind::partial;
  }
}

void ChipBus::post(unsigned requester, unsigned bank, std::uint64_t bytes, const BankMessage& message,
                   Cycle now) {
  queues_[requester].push({bank, bytes, message, now});
  ++pending_;
  if (queues_[requester].size() == 1) refresh(requester, 0);
  domain_.wake(*this, std::max(now + arbitration_, free_));
}

void ChipBus::evaluate(Cycle now) {
  if (free_ > now || pending_ == 0) return;
  const std::size_t who = arbiter_->grant(requests_.data(), requests_.size(), now);
  if (who == Arbiter::kNobody) return;
  Transfer t = queues_[who].front();
  queues_[who].pop();
  --pending_;
  const Cycle beats = ChipConfig::beats(t.bytes, width_);
  free_ = now + beats;
  counts_.transfers += 1;
  counts_.bytes += t.bytes;
  counts_.busy_cycles += beats;
  counts_.wait_cycles += now - requests_[who].since;
  recorder_.span(track_, names_[static_cast<int>(t.message.kind)], now, free_, t.bank + 1);
  refresh(who, now);
  t.message.at = free_;
  banks_[t.bank]->deliver(t.message);
}

Cycle ChipBus::next_cycle(Cycle now) const {
  if (pending_ == 0) return sim::kNever;
  Cycle next = sim::kNever;
  for (const Request& r : requests_) next = std::min(next, r.since);
  return std::max({next, free_, now + 1});
}

}  // namespace sme
