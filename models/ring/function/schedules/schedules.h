// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The schedules there are, and the passes that they share.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "models/ring/function/graph_builder.h"

namespace ring {

std::unique_ptr<Schedule> make_ring(const ScheduleOptions& options);
std::unique_ptr<Schedule> make_token_ring(const ScheduleOptions& options);
std::unique_ptr<Schedule> make_ulysses(const ScheduleOptions& options);
std::unique_ptr<Schedule> make_ulysses_ring(const ScheduleOptions& options);
std::unique_ptr<Schedule> make_multi_node(const ScheduleOptions& options);
std::unique_ptr<Schedule> make_multi_ring(const ScheduleOptions& options);

/// Ring Attention among `gpus`, member i of which holds part i of `shares`. Adds gpus.size() steps.
void ring_pass(GraphBuilder& builder, const std::vector<unsigned>& gpus, const Shares& shares,
               HeadRange heads, unsigned first_step);

/// TokenRing among `gpus`. Member i holds the queries of part q_part[i] and the keys of part kv_part[i].
struct TokenRingPass {
  std::vector<unsigned> gpus;
  std::vector<unsigned> q_part, kv_part;
  bool backwards = false;  ///< queries go from member i to i - 1; else to i + 1
  unsigned first_step = 0;
  bool first = true;  ///< the owners' accumulators are still empty
};
void token_ring_pass(GraphBuilder& builder, const TokenRingPass& pass, const Shares& shares, HeadRange heads);
/// Steps that it adds: one for each member and the epilogue.
inline unsigned token_ring_steps(unsigned members) { return members > 1 ? members + 1 : 1; }

/// All pairs of `gpus` exchange messages: send(from, to, index of from, index of to) for all pairs, in turns
/// so that everybody sends to its k-th neighbour at a time.
void all_to_all(const std::vector<unsigned>& gpus,
                const std::function<void(unsigned, unsigned, unsigned, unsigned)>& send);

/// Edge-disjoint directed Hamiltonian cycles of the complete graph on n nodes (Walecki): n - 1 of them for
/// odd n, n - 2 for even n, one for n = 2. Each is the order of the nodes.
std::vector<std::vector<unsigned>> edge_disjoint_rings(unsigned n);

/// The part that chunk belongs to, of `parts` plain or zigzag ones; `width` neighbouring chunks are one.
inline unsigned zigzag_owner(unsigned chunk, unsigned parts, unsigned width) {
  const unsigned wide = chunk / width;
  return wide < parts ? wide : 2 * parts - 1 - wide;
}

/// 0, 1, .. n - 1.
std::vector<unsigned> numbers(unsigned n, unsigned first = 0, unsigned stride = 1);

}  // namespace ring
