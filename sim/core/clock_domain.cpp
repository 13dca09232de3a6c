// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/clock_domain.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace sim {
namespace {

constexpr double kPicosecondsPerMicrosecond = 1e6;  // period in ps = this / frequency in MHz

template <class T>
void permute(std::mt19937_64& random, std::vector<T>& list) {
  // std::shuffle may differ between libraries; a seed must mean the same order everywhere.
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random() % i]);
}

}  // namespace

std::uint64_t period_ps(double frequency_mhz) {
  return static_cast<std::uint64_t>(std::max(1.0, std::round(kPicosecondsPerMicrosecond / frequency_mhz)));
}

ClockDomain::ClockDomain(sc_core::sc_module_name name, double frequency_mhz, Failure& failure)
    : sc_module(name), failure_(failure) {
  const std::string who = std::string("clock domain ") + this->name();
  if (!(frequency_mhz > 0 && frequency_mhz <= kPicosecondsPerMicrosecond)) {
    std::ostringstream text;
    text << who << ": a frequency of " << frequency_mhz << " MHz is outside (0, 10^6] MHz; set one inside";
    throw Error(Exit::usage, text.str());
  }
  const double wanted = kPicosecondsPerMicrosecond / frequency_mhz;
  if (!(wanted < 1e15)) {
    throw Error(Exit::usage, who + ": its period is longer than 1000 s; the frequency is in MHz");
  }
  const auto rounded = static_cast<double>(period_ps(frequency_mhz));
  period_ = sc_core::sc_time(rounded, sc_core::SC_PS);
  last_cycle_ = sc_core::sc_max_time().value() / period_.value();
  if (std::abs(wanted - rounded) > 1e-9 * wanted) {
    std::ostringstream text;
    text.precision(8);
    text << who << ": " << frequency_mhz << " MHz has a period of " << wanted << " ps, simulated as "
         << rounded << " ps (" << this->frequency_mhz() << " MHz)";
    rounding_ = text.str();
  }

  SC_HAS_PROCESS(ClockDomain);
  SC_METHOD(edge);
  sensitive << edge_event_;
  dont_initialize();
}

double ClockDomain::frequency_mhz() const {
  return kPicosecondsPerMicrosecond / (period_ / sc_core::sc_time(1, sc_core::SC_PS));
}

sc_core::sc_time ClockDomain::time_of(Cycle cycle) const {
  if (cycle > last_cycle_) {
    throw Error(Exit::internal, std::string("clock domain ") + name() + ": cycle " + std::to_string(cycle) +
                                    " lies beyond the end of simulated time");
  }
  return sc_core::sc_time::from_value(cycle * period_.value());
}

void ClockDomain::add(Clocked& member) {
  if (member.domain_ != nullptr) {
    throw Error(Exit::internal, member.name() + " was added to clock domain " + member.domain_->name() +
                                    " before it was added to " + name() + "; a member has one domain");
  }
  if (phase_ != Phase::idle) {
    throw Error(Exit::internal, member.name() + " was added to clock domain " + name() +
                                    " during an edge; add members before the start or between edges");
  }
  member.domain_ = this;
  members_.push_back(&member);
  if (started_) {
    const Cycle at = member.next_cycle(now());
    if (at != kNever) wake_later(member, at);
  }
}

void ClockDomain::add(Registered& member) { registered_.push_back(&member); }

void ClockDomain::add_onlooker(Clocked& member, Cycle interval) {
  add(member);
  const Cycle ask_at = now() + interval;
  onlookers_.push_back({&member, interval, ask_at});
  onlookers_at_ = std::min(onlookers_at_, ask_at);
}

void ClockDomain::reset() {
  const Cycle at = phase_ == Phase::idle ? edge_after(sc_core::sc_time_stamp()) : now_ + 1;
  (at > reset_at_ ? reset_after_ : reset_at_) = at;
  if (phase_ == Phase::idle) request(reset_at_);
}

void ClockDomain::shuffle(std::uint64_t seed) {
  shuffled_ = seed != 0;
  random_.seed(seed);
}

void ClockDomain::wake_later(Clocked& member, Cycle at) {
  if (phase_ != Phase::idle) {
    agenda_.wake(member, at);  // the end of this edge sees to the event
    return;
  }
  const Cycle soonest = edge_after(sc_core::sc_time_stamp());
  agenda_.wake(member, std::max(at, soonest));
  request(std::max(at, soonest));
}

void ClockDomain::touch_outside(Registered& r) {
  const Cycle before = edge_after(sc_core::sc_time_stamp());
  if (r.touched_for_ == before) return;
  if (r.touched_for_ != kNever) {
    // The edge at this very time is still to come and must see what was written before, but not what is
    // written now: commit the former on its own.
    const Phase phase = std::exchange(phase_, Phase::settle);
    const Cycle cycle = std::exchange(now_, r.touched_for_ - 1);
    r.commit(now_);
    now_ = cycle;
    phase_ = phase;
  }
  r.touched_for_ = before;
  outside_.push_back({&r, before});
  if (phase_ == Phase::idle) request(before);
}

void ClockDomain::throw_foreign(const Clocked& member) const {
  throw Error(Exit::internal,
              member.name() +
                  (member.domain_ == nullptr ? " is in no clock domain; add it to "
                                             : " is in another clock domain and was woken by ") +
                  name() + (member.domain_ == nullptr ? "" : "; connect clock domains by a Mailbox"));
}

// --- The event

void ClockDomain::start_of_simulation() {
  started_ = true;
  for (Clocked* c : members_) plan(*c, 0);
  request(next_edge());
}

void ClockDomain::request(Cycle at) {
  if (!started_ || at >= requested_ || at > last_cycle_) return;
  requested_ = at;
  edge_event_.notify(time_of(at) - sc_core::sc_time_stamp());
}

Cycle ClockDomain::next_edge() const {
  if (agenda_.anyone_armed()) return now_ + 1;
  Cycle next = std::min(agenda_.next(), reset_at_);
  for (const Outside& o : outside_) next = std::min(next, o.before);
  return next;
}

void ClockDomain::edge() {
  const Cycle now = requested_;
  requested_ = kNever;
  if (failure_.failed()) return;
  try {
    run_edge(now);
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // the kernel is taking this process down
  } catch (...) {
    phase_ = Phase::idle;
    failure_.set(std::current_exception());
    sc_core::sc_stop();
  }
}

// --- One edge

void ClockDomain::run_edge(Cycle now) {
  ++edges_;
  phase_ = Phase::settle;
  now_ = now - 1;
  if (!outside_.empty()) commit_outside(now);

  now_ = now;
  if (reset_at_ <= now) {
    reset_all(now);
  } else {
    evaluate_all(now);
    plan_all(now);
  }

  Cycle next = next_edge();
  if (next == kNever || now >= onlookers_at_) {
    ask_onlookers(now, next == kNever);
    next = next_edge();
  } else if (next != now + 1 && !onlookers_.empty()) {
    dismiss_onlookers(now);
    next = next_edge();
  }
  phase_ = Phase::idle;
  if (next == now + 1) {
    requested_ = next;  // the common case, without a multiplication
    if (next <= last_cycle_) edge_event_.notify(period_);
  } else {
    request(next);
  }
}

void ClockDomain::commit_outside(Cycle now) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < outside_.size(); ++i) {  // by index: a commit may touch others
    const Outside o = outside_[i];
    if (o.before > now) {
      outside_[kept++] = o;
    } else if (o.what->touched_for_ == o.before) {  // else touch_outside() has committed it
      o.what->touched_for_ = kNever;
      o.what->commit(now - 1);
    }
  }
  outside_.resize(kept);
}

void ClockDomain::evaluate_all(Cycle now) {
  phase_ = Phase::evaluate;
  agenda_.take(now, awake_);
  if (shuffled_) permute(random_, awake_);
  evaluations_ += awake_.size();
  for (Clocked* c : awake_) c->evaluate(now);

  phase_ = Phase::commit;
  if (shuffled_) permute(random_, touched_);
  for (Registered* r : touched_) {
    r->touched_ = false;
    r->commit(now);
  }
  touched_.clear();
}

void ClockDomain::plan_all(Cycle now) {
  for (Clocked* c : awake_) plan(*c, now);
}

void ClockDomain::plan(Clocked& member, Cycle now) {
  if (agenda_.is_armed(member, now + 1)) return;  // it will be asked again after that
  const Cycle at = member.next_cycle(now);
  if (at == now + 1) {
    agenda_.arm(member, at);
  } else if (at > now) {
    agenda_.plan(member, at);
  } else {
    throw Error(Exit::internal, member.name() + ": next_cycle(" + std::to_string(now) + ") answered " +
                                    std::to_string(at) + ", which is not later");
  }
}

void ClockDomain::ask_onlookers(Cycle now, bool falling_asleep) {
  onlookers_at_ = kNever;
  for (Onlooker& o : onlookers_) {
    if (falling_asleep || now >= o.ask_at) {
      plan(*o.who, now);
      o.ask_at = now + o.interval;
    }
    onlookers_at_ = std::min(onlookers_at_, o.ask_at);
  }
}

// Whoever has nothing left to look at must not be the reason for one more edge, long after everything is
// done.
void ClockDomain::dismiss_onlookers(Cycle now) {
  for (Onlooker& o : onlookers_) {
    if (o.who->next_cycle(now) == kNever) agenda_.plan(*o.who, kNever);
  }
}

void ClockDomain::reset_all(Cycle now) {
  reset_at_ = std::exchange(reset_after_, kNever);
  phase_ = Phase::commit;
  agenda_.clear(members_);
  for (const Outside& o : outside_) o.what->touched_for_ = kNever;
  outside_.clear();
  for (Registered* r : registered_) r->reset();
  for (Clocked* c : members_) c->reset();
  for (Clocked* c : members_) plan(*c, now);
}

}  // namespace sim
