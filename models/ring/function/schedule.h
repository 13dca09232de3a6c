// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Schedules: who sends what to whom, when, for any number of GPUs. One interface, one file for each in
// schedules/.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/function/costs.h"
#include "models/ring/function/op_graph.h"
#include "models/ring/function/problem.h"

namespace ring {

enum class ScheduleKind {
  ring,               ///< Ring Attention: keys and values circulate
  ring_zigzag,        ///< the same with the causal work spread evenly
  token_ring,         ///< TokenRing: queries circulate, results go straight to their owners; not causal
  token_ring_zigzag,  ///< the same, causal, with the work spread evenly
  ulysses,            ///< all-to-all from tokens to heads and back
  ulysses_ring,       ///< Ulysses in groups, Ring Attention between them
  multi_node,         ///< keys and values circulate between nodes, TokenRing inside them
  multi_ring,         ///< TASP: slices of keys and values on edge-disjoint rings
};
const std::vector<std::pair<ScheduleKind, std::string>>& schedule_words();
std::string word(ScheduleKind kind);

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::ring;
  unsigned gpus = 1;
  unsigned ulysses = 0;  ///< ulysses_ring: GPUs of an all-to-all group, neighbours in number
  unsigned nodes = 0;    ///< multi_node: nodes of gpus / nodes GPUs, neighbours in number
  unsigned rings = 0;    ///< multi_ring: how many of the rings there are; 0 = all
};

/// A schedule for one problem.
struct Plan {
  OpGraph graph;
  Layout layout;
  unsigned steps = 0;                ///< of one pass, the epilogue included
  std::vector<std::string> remarks;  ///< what the user should know about it
};

class GraphBuilder;

/// How attention is spread over GPUs. Stateless but for its options.
class Schedule {
 public:
  virtual ~Schedule() = default;
  /// Why it cannot run, with a remedy; empty = it can. Called before everything else.
  virtual std::string refusal(const Problem& problem) const = 0;
  /// The tokens of a pass must be a multiple of it.
  virtual std::uint64_t token_unit() const = 0;
  /// Chunks of tokens that one pass is cut into.
  virtual unsigned chunks() const = 0;
  /// The GPU that holds queries, keys and values of a chunk of a pass before it, and its output afterwards.
  virtual unsigned owner(unsigned chunk) const = 0;
  /// Steps of one pass.
  virtual unsigned steps() const = 0;
  /// Adds the operations of one pass.
  virtual void build(GraphBuilder& builder, unsigned pass) const = 0;
};

/// Throws sim::Error(Exit::usage) for options that contradict each other.
std::unique_ptr<Schedule> make_schedule(const ScheduleOptions& options);

/// The graph of the whole problem. Throws sim::Error(Exit::usage) for what refusal() says, and for a number
/// of tokens that token_unit() does not divide, naming the nearest ones that it does.
Plan make_plan(const Schedule& schedule, const ScheduleOptions& options, const Problem& problem,
               const Costs& costs);

/// Why the tokens of the problem cannot be dealt out, with a remedy; empty = they can.
std::string division_refusal(const Schedule& schedule, const Problem& problem);

/// The problem with as many tokens added as the schedule needs.
Problem padded(const Schedule& schedule, const Problem& problem);

}  // namespace ring
