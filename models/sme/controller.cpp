// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/controller.h"

#include <algorithm>
#include <map>

namespace sme {

using sim::Cycle;
using sim::kNever;

Controller::Controller(sim::ClockDomain& domain, const ChipConfig& config, ChipBus& chip_bus,
                       sim::record::Recorder& recorder)
    : Clocked("sme.controller"),
      domain_(domain),
      config_(config),
      chip_bus_(chip_bus),
      schedule_(make_schedule(config)),
      recorder_(recorder) {
  if (recorder.spans()) track_ = recorder.track("chip/layers");
  domain.add(*this);
}

void Controller::wake(Cycle at) {
  exhausted_ = false;
  domain_.wake(*this, at);
}

void Controller::retired(PassState& pass, std::uint64_t position, Cycle now) {
  inbox_.push({now + 1, &pass, position});
  domain_.wake(*this, now + 1);
}

// Takes passes up to the number in flight. Writing crossbars waits for all before it, and all behind it wait.
void Controller::fetch(Cycle now) {
  while (!exhausted_ && active_.size() < schedule_->layers_in_flight()) {
    if (!active_.empty() && active_.back()->pass.program != nullptr) return;
    auto state = std::make_unique<PassState>();
    if (source_ == nullptr || !source_->next(state->pass)) {
      exhausted_ = true;
      return;
    }
    state->number = passes_++;
    state->begin = now;
    state->window = state->pass.work != nullptr ? state->pass.work->window : 1;
    const unsigned window = state->window;
    if (state->pass.program != nullptr) {
      state->pass.positions = 1;
      state->missing.assign(window, static_cast<std::uint32_t>(state->pass.program->banks.size()));
    } else {
      LayerWork& work = *state->pass.work;
      state->missing.assign(window, work.blocks);
      for (BankWork& bank : work.banks) {
        state->contexts.push_back(std::make_unique<BankContext>(bank, state.get(), window));
      }
      std::map<unsigned, BankContext*> by_bank;
      for (const auto& c : state->contexts) by_bank[c->work->bank] = c.get();
      for (const auto& c : state->contexts) {
        for (const BlockWork& block : c->work->blocks) c->home.push_back(by_bank.at(block.home_bank));
      }
    }
    source_->begun(state->pass, now);
    active_.push_back(std::move(state));
    moved_ = true;
  }
}

std::uint64_t Controller::released(std::size_t index) const {
  const PassState& state = *active_[index];
  if (index == 0) return state.pass.positions;
  const PassState& before = *active_[index - 1];
  if (state.pass.program != nullptr || before.pass.program != nullptr) return 0;
  if (!state.pass.depends) return state.pass.positions;
  return schedule_->released(state.pass.positions, before.pass.positions, before.retired);
}

void Controller::send_program(PassState& state, Cycle now) {
  if (state.contexts.empty()) {
    // A program has no products; the context only names the pass.
    state.contexts.push_back(std::make_unique<BankContext>(state.nothing, &state, 1));
  }
  for (const ProgramWork::Bank& bank : state.pass.program->banks) {
    chip_bus_.post(0, bank.bank, bank.bytes,
                   {BankMessage::Kind::program, state.contexts.front().get(), 0, 0, bank.cycles, 0},
                   now + config_.issue - 1);
  }
}

void Controller::send(PassState& state, Cycle now) {
  for (const auto& context : state.contexts) {
    chip_bus_.post(0, context->work->bank, context->work->input_bytes,
                   {BankMessage::Kind::inputs, context.get(), state.issued, 0, 0, 0},
                   now + config_.issue - 1);
  }
}

void Controller::issue(Cycle now) {
  for (std::size_t i = 0; i < active_.size(); ++i) {
    PassState& state = *active_[i];
    const std::uint64_t limit = std::min(released(i), state.retired + state.window);
    for (; state.issued < limit; ++state.issued) {
      moved_ = true;
      if (state.pass.program != nullptr) {
        send_program(state, now);
      } else {
        send(state, now);
      }
      // Nothing to compute (all crossbars freed, nothing to write): done at once.
      if (state.missing[state.issued % state.window] == 0) {
        inbox_.push({now + 1, &state, state.issued});
        state.missing[state.issued % state.window] = 1;
      }
    }
  }
}

void Controller::collect(Cycle now) {
  complete_.clear();
  while (!inbox_.empty() && inbox_.front().at <= now) {
    const Retired r = inbox_.front();
    inbox_.pop();
    if (--r.pass->missing[r.position % r.pass->window] == 0) complete_.push_back(r);
  }
  std::sort(complete_.begin(), complete_.end(), [](const Retired& a, const Retired& b) {
    return a.pass->number != b.pass->number ? a.pass->number < b.pass->number : a.position < b.position;
  });
  for (const Retired& r : complete_) {
    PassState& state = *r.pass;
    moved_ = true;
    if (state.pass.program == nullptr) {
      ++state.pass.work->products;
      source_->position_done(state.pass, r.position, now);
    }
    while (state.retired < state.issued && state.missing[state.retired % state.window] == 0) {
      const std::size_t place = state.retired % state.window;
      state.missing[place] = state.pass.program != nullptr
                                 ? static_cast<std::uint32_t>(state.pass.program->banks.size())
                                 : state.pass.work->blocks;
      ++state.retired;
    }
  }
}

void Controller::finish(Cycle now) {
  while (!active_.empty() && active_.front()->retired == active_.front()->pass.positions) {
    PassState& state = *active_.front();
    if (recorder_.spans()) {
      const std::string name = state.pass.work != nullptr ? state.pass.work->name : "write crossbars";
      recorder_.span(track_, recorder_.name(name), state.begin, now, state.number + 1);
    }
    source_->done(state.pass, now);
    ++passes_done_;
    active_.pop_front();
    moved_ = true;
  }
}

void Controller::evaluate(Cycle now) {
  moved_ = false;
  collect(now);
  finish(now);
  fetch(now);
  issue(now);
  if (active_.empty() || !moved_) return;
  // A pass without products is done at the next edge.
  if (active_.front()->retired == active_.front()->pass.positions) domain_.wake(*this, now + 1);
}

Cycle Controller::next_cycle(Cycle now) const {
  if (now == 0 && source_ != nullptr && !exhausted_) return 1;
  return inbox_.empty() ? kNever : std::max(inbox_.front().at, now + 1);
}

std::string Controller::state() const {
  if (active_.empty()) return "no pass";
  const PassState& s = *active_.front();
  return (s.pass.work != nullptr ? s.pass.work->name : std::string("write crossbars")) + ": " +
         std::to_string(s.retired) + " of " + std::to_string(s.pass.positions) + " products done, " +
         std::to_string(s.issued) + " sent";
}

}  // namespace sme
