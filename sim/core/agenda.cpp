// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/agenda.h"

#include <algorithm>
#include <functional>

namespace sim {

void Agenda::plan(Clocked& c, Cycle at) {
  if (c.position_ == Clocked::kNotPlanned) {
    if (at == kNever) return;
    c.planned_ = at;
    planned_.push_back(&c);
    c.position_ = planned_.size() - 1;
    sift_up(c.position_);
  } else if (at == kNever) {
    remove(c);
  } else if (at != c.planned_) {
    const bool earlier = at < c.planned_;
    c.planned_ = at;
    if (earlier) {
      sift_up(c.position_);
    } else {
      sift_down(c.position_);
    }
  }
}

void Agenda::wake(Clocked& c, Cycle at) {
  if (c.woken_for_ == at) return;
  c.woken_for_ = at;
  wakes_.push_back({at, &c});
  std::push_heap(wakes_.begin(), wakes_.end(), std::greater<>());
}

Cycle Agenda::next() const {
  const Cycle planned = planned_.empty() ? kNever : planned_.front()->planned_;
  const Cycle woken = wakes_.empty() ? kNever : wakes_.front().at;
  return std::min(planned, woken);
}

void Agenda::take(Cycle now, std::vector<Clocked*>& out) {
  out.clear();
  while (!planned_.empty() && planned_.front()->planned_ <= now) {
    Clocked* c = planned_.front();
    remove(*c);
    arm(*c, now);
  }
  while (!wakes_.empty() && wakes_.front().at <= now) {
    arm(*wakes_.front().who, now);
    std::pop_heap(wakes_.begin(), wakes_.end(), std::greater<>());
    wakes_.pop_back();
  }
  out.swap(armed_);
}

void Agenda::clear(const std::vector<Clocked*>& members) {
  armed_.clear();
  planned_.clear();
  wakes_.clear();
  for (Clocked* c : members) {
    c->armed_for_ = 0;
    c->planned_ = c->woken_for_ = kNever;
    c->position_ = Clocked::kNotPlanned;
  }
}

void Agenda::sift_up(std::size_t position) {
  Clocked* c = planned_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (planned_[parent]->planned_ <= c->planned_) break;
    put(position, planned_[parent]);
    position = parent;
  }
  put(position, c);
}

void Agenda::sift_down(std::size_t position) {
  Clocked* c = planned_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= planned_.size()) break;
    if (child + 1 < planned_.size() && planned_[child + 1]->planned_ < planned_[child]->planned_) ++child;
    if (c->planned_ <= planned_[child]->planned_) break;
    put(position, planned_[child]);
    position = child;
  }
  put(position, c);
}

void Agenda::remove(Clocked& c) {
  const std::size_t hole = c.position_;
  Clocked* last = planned_.back();
  planned_.pop_back();
  c.position_ = Clocked::kNotPlanned;
  c.planned_ = kNever;
  if (last == &c) return;
  put(hole, last);
  sift_down(hole);
  sift_up(last->position_);
}

}  // namespace sim
