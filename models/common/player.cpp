// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/player.h"

#include <algorithm>
#include <utility>

#include "models/common/now.h"
#include "sim/core/error.h"
#include "sim/core/run.h"

namespace common {

void HostConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  v.field("window", window,
          Meta("command", "that the player knows of and that are not done").range(2u, 1u << 20).choice());
  v.field("dispatch_ns", dispatch_ns,
          Meta("ns", "from knowing that a command may start to telling its unit")
              .range(0.0, 1e6)
              .assumed("no published figure"));
}

Player::Player(sc_core::sc_module_name name, const HostConfig& config, CommandSource& source,
               std::vector<UnitChannel*> channels, sim::Failure& failure, sim::stats::Group& stats)
    : sc_module(name),
      config_(config),
      source_(source),
      channels_(std::move(channels)),
      failure_(failure),
      group_(stats, "host"),
      done_(group_, "commands", "command", "commands done"),
      most_(group_, "most_commands", "command", "known at a time at the most") {
  for (UnitChannel* channel : channels_) {
    channel->on_done([this](Command& command) {
      completed_.push_back(&command);
      wake_.notify(sc_core::SC_ZERO_TIME);
    });
  }
  SC_HAS_PROCESS(Player);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

Player::Entry* Player::find(CommandId id) {
  if (id < first_ || id - first_ >= window_.size()) return nullptr;
  return &window_[static_cast<std::size_t>(id - first_)];
}

void Player::step() {
  sim::guarded(failure_, [this] {
    std::sort(completed_.begin(), completed_.end(),
              [](const Command* a, const Command* b) { return a->id < b->id; });
    std::vector<Command*> now;
    now.swap(completed_);
    for (Command* command : now) complete(*find(command->id));
    pull();
    while (!ready_.empty()) {
      std::vector<CommandId> batch;
      batch.swap(ready_);
      std::sort(batch.begin(), batch.end());
      if (shuffled_) std::shuffle(batch.begin(), batch.end(), order_);
      for (const CommandId id : batch) submit(*find(id));
    }
    retire();
    pull();
    if (!ready_.empty()) wake_.notify(sc_core::SC_ZERO_TIME);
  });
}

void Player::pull() {
  while (!exhausted_ && pending_ < config_.window) {
    Command command;
    if (!source_.next(command)) {
      exhausted_ = true;
      return;
    }
    insert(std::move(command));
  }
}

void Player::insert(Command command) {
  const CommandId id = first_ + window_.size();
  if (command.id != id) {
    throw sim::Error(sim::Exit::internal,
                     "command " + std::to_string(command.id) + " comes as number " + std::to_string(id));
  }
  window_.emplace_back();
  Entry& entry = window_.back();
  entry.command = std::move(command);
  ++pending_;
  most_.set(std::max<std::uint64_t>(most_.value(), pending_));
  for (const CommandId on : entry.command.waits_for) {
    if (on >= id) {
      throw sim::Error(sim::Exit::check,
                       "command " + std::to_string(id) + " (" + common::name(entry.command.operation) +
                           " of token " + std::to_string(entry.command.token) + ", layer " +
                           std::to_string(entry.command.layer) + ") waits for command " + std::to_string(on) +
                           ", which is not before it: the commands' dependencies are a cycle");
    }
    Entry* other = find(on);
    if (other == nullptr || other->done) continue;
    const bool kept = other->submitted && other->command.channel == entry.command.channel &&
                      other->command.stream == entry.command.stream &&
                      channels_[entry.command.channel]->keeps_order(entry.command.stream);
    if (kept) continue;
    other->successors.push_back(id);
    ++entry.missing;
  }
  if (entry.missing == 0) ready_.push_back(id);
}

void Player::submit(Entry& entry) {
  Command& command = entry.command;
  entry.submitted = true;
  command.submitted = now_ps();
  for (const CommandId id : command.waits_for) {
    // Loosely timed channels are ahead of the simulation: what it waits for may be done later than now.
    // What is not known any more was done when its token ended.
    const Entry* on = find(id);
    if (on == nullptr) command.submitted = std::max(command.submitted, token_end_);
    if (on != nullptr && on->done) {
      command.submitted = std::max(command.submitted, released(on->command, command));
    } else if (on != nullptr) {
      command.submitted = std::max(command.submitted, on->command.submitted);  // before it in its stream
    }
  }
  UnitChannel& channel = *channels_[command.channel];
  channel.submit(command);
  if (!channel.keeps_order(command.stream)) return;
  // Those that wait in the same stream may follow at once.
  auto& waiting = entry.successors;
  for (std::size_t i = 0; i < waiting.size();) {
    Entry& next = *find(waiting[i]);
    if (next.command.channel == command.channel && next.command.stream == command.stream) {
      if (--next.missing == 0) ready_.push_back(waiting[i]);
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

void Player::complete(Entry& entry) {
  entry.done = true;
  --pending_;
  ++done_;
  for (const CommandId id : entry.successors) {
    Entry& next = *find(id);
    if (--next.missing == 0) ready_.push_back(id);
  }
  entry.successors.clear();
  if (on_command_) on_command_(entry.command);
  if (entry.command.last_of_token) end_token(entry);
}

Ps Player::released(const Command& on, const Command& waiter) const {
  const bool kept = on.channel == waiter.channel && on.stream == waiter.stream &&
                    channels_[on.channel]->keeps_order(on.stream);
  return kept ? on.finished : on.done;
}

// Walks back from the token's last command, from each to that one of those it waited for which let it go
// last, and gives every piece of time to what went on in it.
void Player::end_token(const Entry& last) {
  TokenTimes times;
  times.token = last.command.token;
  times.begin = token_end_;
  times.end = last.command.done;
  std::vector<Wait> waits;  // the last one first
  Ps cursor = times.end;
  const Command* command = &last.command;
  while (command != nullptr && cursor > times.begin) {
    const Command* before = nullptr;
    Ps base = times.begin;
    for (const CommandId id : command->waits_for) {
      const Entry* on = find(id);
      if (on == nullptr) continue;
      const Ps at = released(on->command, *command);
      if (before == nullptr || at > base) {
        before = &on->command;
        base = std::max(times.begin, at);
      }
    }
    base = std::min(base, cursor);
    const auto give = [&](Cause cause, Ps from, Ps to) {
      from = std::max(from, base);
      to = std::min(to, cursor);
      if (to <= from) return;
      times.causes[static_cast<std::size_t>(cause)] += to - from;
      times.operations[static_cast<std::size_t>(command->operation)] += to - from;
      if (on_wait_) waits.push_back({command->id, command->operation, cause, from, to});
    };
    const auto first = static_cast<std::ptrdiff_t>(waits.size());
    give(Cause::host, base, command->submitted);
    Ps from = command->submitted;
    for (const Command::Segment& segment : command->segments) {
      give(segment.cause, from, segment.until);
      from = std::max(from, segment.until);
    }
    give(Cause::host, std::max(from, base), cursor);
    std::reverse(waits.begin() + first, waits.end());
    cursor = base;
    command = before;
  }
  // What is left lies before the first command known: the host.
  if (cursor > times.begin) {
    times.causes[static_cast<std::size_t>(Cause::host)] += cursor - times.begin;
    times.operations[static_cast<std::size_t>(Operation::other)] += cursor - times.begin;
  }
  token_end_ = times.end;
  for (auto wait = waits.rbegin(); wait != waits.rend(); ++wait) on_wait_(*wait);
  if (on_token_) on_token_(times);
}

// Commands leave in their order when they are done; those of the token under way stay: its breakdown needs
// them.
void Player::retire() {
  const bool all = exhausted_ && pending_ == 0;
  while (!window_.empty() && window_.front().done && (all || window_.front().command.done <= token_end_)) {
    window_.pop_front();
    ++first_;
  }
}

std::string Player::blocked() const {
  std::string text;
  std::size_t shown = 0, left = 0;
  for (const Entry& entry : window_) {
    if (entry.done) continue;
    ++left;
    if (!entry.submitted || shown == 20) continue;
    ++shown;
    text += std::string("\n  ") + common::name(entry.command.operation) + " of token " +
            std::to_string(entry.command.token) + ", layer " + std::to_string(entry.command.layer) + ": at " +
            channels_[entry.command.channel]->name();
  }
  return std::to_string(left) + " commands cannot finish:" + text;
}

}  // namespace common
