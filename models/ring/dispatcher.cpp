// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/dispatcher.h"

#include <algorithm>

namespace ring {

Dispatcher::Dispatcher(const OpGraph& graph) : graph_(graph), successors_(successors(graph)) {
  missing_.resize(graph.size());
  for (OpId op = 0; op < graph.size(); ++op) missing_[op] = graph.first_dep[op + 1] - graph.first_dep[op];
  execution_.ops.resize(graph.size());
}

void Dispatcher::start(Ps now) {
  for (OpId op = 0; op < graph_.size(); ++op) {
    if (graph_.deps_begin(op) == graph_.deps_end(op)) ready(op, now);
  }
  finish_joins(now);
}

void Dispatcher::ready(OpId op, Ps now) {
  execution_.ops[op].issued = now;
  if (graph_.ops[op].kind == OpKind::join) {
    execution_.ops[op].started = now;
    joins_.push_back(op);
  } else {
    issue_(op);
  }
}

void Dispatcher::finish(OpId op, Ps now) {
  complete(op, now);
  finish_joins(now);
}

void Dispatcher::finish_joins(Ps now) {
  while (!joins_.empty()) {
    const OpId join = joins_.back();
    joins_.pop_back();
    complete(join, now);
  }
}

void Dispatcher::complete(OpId op, Ps now) {
  if (now != finished_at_) flush();
  finished_at_ = now;
  if (listener_ != nullptr) finished_now_.push_back(op);
  execution_.ops[op].finished = now;
  execution_.end = std::max(execution_.end, now);
  ++done_;
  for (const OpId* next = successors_.begin(op); next != successors_.end(op); ++next) {
    if (--missing_[*next] == 0) ready(*next, now);
  }
  if (done_ == graph_.size() && end_) end_();
}

void Dispatcher::flush() {
  if (finished_now_.empty()) return;
  std::vector<OpId> ops;
  ops.swap(finished_now_);
  std::sort(ops.begin(), ops.end());
  for (const OpId op : ops) listener_->on_finished(op, finished_at_);
}

std::string Dispatcher::blocked(const std::function<std::string(OpId)>& waiting) const {
  constexpr std::size_t kShown = 20;
  std::size_t left = 0, shown = 0;
  std::string text;
  for (OpId op = 0; op < graph_.size(); ++op) {
    const OpTiming& t = execution_.ops[op];
    if (t.done()) continue;
    ++left;
    if (t.issued == OpTiming::kNever || shown == kShown) continue;
    ++shown;
    text += "\n  " + describe(graph_, op) + ": " + waiting(op);
  }
  std::size_t behind = 0;
  for (OpId op = 0; op < graph_.size(); ++op) {
    if (execution_.ops[op].issued == OpTiming::kNever) ++behind;
  }
  if (left == 0) return {};
  if (left - behind > shown) text += "\n  ... and " + std::to_string(left - behind - shown) + " more";
  text = std::to_string(left) + " of " + std::to_string(graph_.size()) + " operations cannot finish:" + text;
  if (behind > 0) text += "\n  " + std::to_string(behind) + " others wait for these";
  return text;
}

}  // namespace ring
