// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/program_time.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace allmod {

using sim::Cycle;

namespace {

// A multiplier with its product registers, and the reducer behind them.
struct LaneTime {
  Cycle multiplier_free = 0;
  Cycle slot_free[ModMulFrontEnd::kProducts] = {};  // of the product registers, in turn
  Cycle accept = 0;                                 // the reducer takes the next operand
  std::size_t next = 0;

  Cycle may_start() const { return std::max(multiplier_free, slot_free[next]); }
  // Returns when the result leaves.
  Cycle start(Cycle now, const MultiplierCycles& multiplier, unsigned latency, unsigned ii) {
    multiplier_free = now + multiplier.interval;
    const Cycle taken = std::max(now + multiplier.latency, accept);
    accept = taken + ii;
    slot_free[next] = taken + 1;
    next = (next + 1) % ModMulFrontEnd::kProducts;
    return taken + latency;
  }
};

}  // namespace

std::vector<Cycle> result_cycles(const ChainProgram& program, unsigned lanes,
                                 const MultiplierCycles& multiplier, unsigned latency, unsigned ii) {
  const std::size_t inputs = program.inputs(), count = program.operations().size();
  std::vector<unsigned char> missing(count, 0);
  std::vector<std::vector<std::uint32_t>> users(inputs + count);
  using Numbers = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>>;
  using Due = std::pair<Cycle, std::uint32_t>;  // an operation's result can be an operand
  Numbers ready;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> finished;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ChainProgram::Operation& op = program.operations()[i];
    for (const std::uint32_t operand : {op.a, op.b}) {
      if (operand < inputs) continue;
      users[operand].push_back(i);  // a square waits for its operand twice
      ++missing[i];
    }
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<LaneTime> lane(lanes);
  std::vector<Cycle> result(count, 0);
  Cycle now = 0;
  for (std::size_t issued = 0; issued < count;) {
    while (!finished.empty() && finished.top().first <= now) {
      for (const std::uint32_t user : users[inputs + finished.top().second]) {
        if (--missing[user] == 0) ready.push(user);
      }
      finished.pop();
    }
    for (LaneTime& l : lane) {
      if (ready.empty()) break;
      if (l.may_start() > now) continue;
      const std::uint32_t operation = ready.top();
      ready.pop();
      ++issued;
      result[operation] = l.start(now, multiplier, latency, ii);
      finished.emplace(result[operation] + 1, operation);
    }
    Cycle next = finished.empty() ? sim::kNever : finished.top().first;
    if (!ready.empty()) {
      for (const LaneTime& l : lane) next = std::min(next, std::max(l.may_start(), now + 1));
    }
    now = std::max(now + 1, next);
  }
  return result;
}

}  // namespace allmod
