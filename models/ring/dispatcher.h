// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Who tells whom what may begin: the dependencies of an op graph while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/function/execution.h"

namespace ring {

/// Counts the dependencies that operations still wait for and keeps their times. Plain, no SystemC: the
/// caller says what time it is. Results do not depend on the order of calls of one picosecond.
class Dispatcher {
 public:
  /// Called when an operation has been issued; joins are not passed on.
  using OnIssue = std::function<void(OpId)>;

  /// `graph` must outlive it.
  explicit Dispatcher(const OpGraph& graph);

  void on_issue(OnIssue issue) { issue_ = std::move(issue); }
  void listen(ExecutionListener* listener) { listener_ = listener; }

  void start(Ps now = 0);  ///< issues everything without dependencies
  /// Called when the last operation has finished.
  void on_end(std::function<void()> end) { end_ = std::move(end); }
  void finish(OpId op, Ps now);
  /// Tells the listener about everything that has finished. finish() does so for times before its own.
  void flush();

  OpTiming& timing(OpId op) { return execution_.ops[op]; }
  Execution& execution() { return execution_; }
  const Execution& execution() const { return execution_; }
  const OpGraph& graph() const { return graph_; }
  std::uint64_t done() const { return done_; }
  /// Operations that have not finished and why: `waiting(op)` says what an issued one waits for. A few of
  /// each kind are named.
  std::string blocked(const std::function<std::string(OpId)>& waiting) const;

 private:
  void ready(OpId op, Ps now);
  void complete(OpId op, Ps now);
  void finish_joins(Ps now);

  const OpGraph& graph_;
  Successors successors_;
  std::vector<std::uint32_t> missing_;
  Execution execution_;
  OnIssue issue_;
  std::function<void()> end_;
  ExecutionListener* listener_ = nullptr;
  std::vector<OpId> finished_now_;  // not told to the listener yet
  Ps finished_at_ = 0;
  std::vector<OpId> joins_;  // issued and not finished yet
  std::uint64_t done_ = 0;
};

}  // namespace ring
