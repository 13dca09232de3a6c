// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/bank_core.h"

#include <algorithm>

#include "models/sme/controller.h"
#include "sim/core/error.h"

namespace sme {

using sim::Cycle;
using sim::kNever;

BankCore::BankCore(sim::ClockDomain& domain, const ChipConfig& config, unsigned index, ChipBus& chip_bus,
                   Controller& controller, sim::stats::Group& stats, sim::record::Recorder& recorder)
    : Clocked("sme.bank" + std::to_string(index)),
      domain_(domain),
      config_(config),
      index_(index),
      chip_bus_(chip_bus),
      controller_(controller),
      requests_(2 * std::size_t{config.units}),
      arbiter_(make_arbiter(config.arbiter)),
      stats_(stats, index),
      recorder_(recorder) {
  for (unsigned i = 0; i < config.units; ++i) {
    units_.push_back(config.detail == Detail::clocked ? make_clocked_unit(config) : make_event_unit(config));
    requests_[2 * i + 1].result = true;
  }
  if (recorder.spans()) {
    const std::string process = "bank" + std::to_string(index) + "/";
    for (unsigned i = 0; i < config.units; ++i) {
      unit_tracks_.push_back(recorder.track(process + "cu" + std::to_string(i)));
    }
    bus_track_ = recorder.track(process + "bus");
    activation_track_ = recorder.track(process + "activation");
    write_track_ = recorder.track(process + "write");
    job_name_ = recorder.name("product");
    input_name_ = recorder.name("inputs");
    result_name_ = recorder.name("results");
    activation_name_ = recorder.name("activation");
    write_name_ = recorder.name("write crossbars");
  }
  domain.add(*this);
}

void BankCore::deliver(const BankMessage& message) {
  inbox_.push(message);
  domain_.wake(*this, message.at);
}

void BankCore::refresh(std::size_t unit) {
  requests_[2 * unit].since = units_[unit]->input_request();
  requests_[2 * unit + 1].since = units_[unit]->result_request();
}

void BankCore::receive(const BankMessage& message, Cycle now) {
  BankContext& context = *message.context;
  switch (message.kind) {
    case BankMessage::Kind::inputs: {
      ++context.work->received;
      for (TileOp& op : context.work->ops) {
        units_[op.unit]->enqueue({&op, &context, message.position}, now);
        refresh(op.unit);
      }
      in_flight_ += context.work->ops.size();
      // Inputs and the sums of all blocks lie in the buffer until the product leaves it.
      edram_used_ += context.work->input_bytes;
      for (const BlockWork& b : context.work->blocks)
        edram_used_ += std::uint64_t{b.outputs} * config_.sum_bytes;
      if (edram_used_ > stats_.edram_peak.value()) stats_.edram_peak.set(edram_used_);
      break;
    }
    case BankMessage::Kind::partial:
      ++context.work->blocks[message.block].received;
      ++stats_.partials_received;
      ++in_flight_;
      foreign_adds_.push({now + config_.partial_add, &context, message.block, message.position});
      break;
    case BankMessage::Kind::program: {
      const Cycle begin = std::max(now, writers_free_);
      writers_free_ = begin + message.cycles;
      stats_.write_busy += message.cycles;
      ++in_flight_;
      recorder_.span(write_track_, write_name_, begin, writers_free_);
      written_.push({writers_free_, &context, 0, message.position});
      break;
    }
  }
}

void BankCore::pop_due(Ring<Add>& ring, Cycle now, std::vector<Add>& out) {
  while (!ring.empty() && ring.front().at <= now) {
    out.push_back(ring.front());
    ring.pop();
  }
}

// A partial sum reached the buffer. The last one of a block sends it on.
void BankCore::added(const Add& add, Cycle now) {
  BankContext& context = *add.context;
  BlockWork& block = context.work->blocks[add.block];
  std::uint32_t& missing = context.missing(add.block, add.position);
  --in_flight_;
  if (--missing > 0) return;
  missing = context.full(add.block);
  const std::uint64_t bytes = std::uint64_t{block.outputs} * config_.sum_bytes;
  edram_used_ -= bytes;
  std::uint32_t& blocks_left = context.blocks_left[add.position % context.window];
  if (--blocks_left == 0) {
    blocks_left = static_cast<std::uint32_t>(context.work->blocks.size());
    edram_used_ -= context.work->input_bytes;
  }
  if (!block.home) {
    ++block.sent;
    ++stats_.partials_sent;
    chip_bus_.post(
        index_ + 1, block.home_bank, bytes,
        {BankMessage::Kind::partial, context.home[add.block], add.position, block.home_block, 0, 0}, now);
    return;
  }
  ++block.activated;
  ++stats_.activations;
  const Cycle begin = std::max(now, activation_free_);
  const Cycle beats = ChipConfig::beats(block.outputs, config_.activation_lanes);
  activation_free_ = begin + beats;
  stats_.activation_busy += beats;
  const Cycle end = activation_free_ + config_.activation_latency + config_.pooling_latency;
  recorder_.span(activation_track_, activation_name_, begin, end);
  ++in_flight_;
  activated_.push({end, &context, add.block, add.position});
}

// One transfer, if the bus is free and somebody wants it.
void BankCore::give_bus(Cycle now) {
  if (bus_free_ > now) return;
  const std::size_t who = arbiter_->grant(requests_.data(), requests_.size(), now);
  if (who == Arbiter::kNobody) return;
  const std::size_t unit = who / 2;
  ComputeUnit& cu = *units_[unit];
  stats_.bus_wait += now - requests_[who].since;
  Cycle beats;
  if (who % 2 == 0) {
    TileOp& op = *cu.input_job().op;
    beats = ChipConfig::beats(op.rows, config_.bus_bytes);
    recorder_.span(bus_track_, input_name_, now, now + beats, unit + 1);
    ++op.loads;
    ++stats_.loads;
    cu.load(now, now + config_.edram_read + beats);
  } else {
    const UnitJob job = cu.result_job();
    TileOp& op = *job.op;
    beats = ChipConfig::beats(std::uint64_t{op.sums} * config_.sum_bytes, config_.bus_bytes);
    recorder_.span(bus_track_, result_name_, now, now + beats, unit + 1);
    ++op.results;
    ++stats_.results;
    cu.unload(now, now + beats);
    local_adds_.push({now + beats + config_.partial_add, job.context, op.block, job.position});
  }
  bus_free_ = now + beats;
  stats_.bus_busy += beats;
  refresh(unit);
}

// Products whose times are known now.
void BankCore::close_jobs() {
  UnitSpan span;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    while (units_[i]->take_span(span)) {
      ++span.op->products;
      ++stats_.products;
      stats_.adc_busy += span.adc_cycles;
      stats_.result_stall += span.stalled;
      if (recorder_.spans())
        recorder_.span(unit_tracks_[i], job_name_, span.begin, span.end, span.op->tile + 1);
    }
  }
}

void BankCore::evaluate(Cycle now) {
  // 1. What came over the chip's bus.
  while (!inbox_.empty() && inbox_.front().at <= now) {
    const BankMessage message = inbox_.front();
    inbox_.pop();
    receive(message, now);
  }
  // 2. Every stage of every CU.
  if (config_.detail == Detail::clocked) {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      units_[i]->tick(now);
      refresh(i);
    }
  }
  // 3. Partial sums that are in the buffer now; activated blocks; written crossbars.
  due_.clear();
  pop_due(local_adds_, now, due_);
  pop_due(foreign_adds_, now, due_);
  for (std::size_t i = 0; i < due_.size(); ++i) added(due_[i], now);
  due_.clear();
  pop_due(activated_, now, due_);
  pop_due(written_, now, due_);
  for (const Add& a : due_) {
    --in_flight_;
    controller_.retired(*a.context->pass, a.position, now);
  }
  // 4. The shared bus.
  give_bus(now);
  close_jobs();
}

Cycle BankCore::next_cycle(Cycle now) const {
  if (config_.detail == Detail::clocked && in_flight_ > 0) return now + 1;
  Cycle next = inbox_.empty() ? kNever : inbox_.front().at;
  const auto consider = [&next](const Ring<Add>& ring) {
    if (!ring.empty()) next = std::min(next, ring.front().at);
  };
  consider(local_adds_);
  consider(foreign_adds_);
  consider(activated_);
  consider(written_);
  Cycle request = kNever;
  for (const Request& r : requests_) request = std::min(request, r.since);
  if (request != kNever) next = std::min(next, std::max(request, bus_free_));
  return next == kNever ? kNever : std::max(next, now + 1);
}

std::string BankCore::state() const {
  return std::to_string(in_flight_) + " products, sums or writes under way, " +
         std::to_string(inbox_.size()) + " messages";
}

}  // namespace sme
