// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "models/ring/function/schedule.h"

namespace ring {

/// Queries and keys of one block that a schedule computes; empty() = nothing, all of it is masked.
struct BlockSets {
  std::uint32_t q = OpData::kNoSet;
  std::uint32_t kv = OpData::kNoSet;
  bool empty() const { return q == OpData::kNoSet; }
};

/// Adds operations with their sizes and durations, and keeps each GPU's stream in order.
///
/// A GPU's stream is what its program does in order: kernels, and waits for messages. Messages are posted at
/// one point of the stream (both ends: a send meets a receive) and waited for at a later one:
///   transfer_*()  starts when both GPUs' streams have come to where they are now; both will wait for it
///   compute()     follows in the stream, beside the messages under way
///   merge()       waits for compute and messages of this GPU so far, and follows in the stream
///   close()       the same wait without a kernel
class GraphBuilder {
 public:
  GraphBuilder(const Problem& problem, unsigned gpus, const Costs& costs, Layout& layout, OpGraph& graph);

  const Problem& problem() const { return problem_; }
  unsigned gpus() const { return graph_.gpus; }
  Layout& layout() { return layout_; }
  void set_pass(unsigned pass) { pass_ = pass; }
  unsigned pass() const { return pass_; }
  HeadRange all_heads() const { return {0, problem_.heads}; }

  OpId transfer_q(unsigned from, unsigned to, unsigned step, std::uint32_t set, HeadRange heads);
  OpId transfer_kv(unsigned from, unsigned to, unsigned step, std::uint32_t set, HeadRange heads);
  /// `block`: the rows of the result and the keys they saw. The lse goes along unless it is not needed.
  OpId transfer_out(unsigned from, unsigned to, unsigned step, BlockSets block, HeadRange heads,
                    bool with_lse = true);
  /// A message that only wait_for() waits for.
  void detach(OpId transfer);
  void wait_for(unsigned gpu, OpId op) { waits_[gpu].push_back(op); }

  void compute(unsigned gpu, unsigned step, BlockSets block, HeadRange heads);
  /// Merges the result of `block` into the rows' accumulators; `first`: fills them.
  void merge(unsigned gpu, unsigned step, BlockSets block, HeadRange heads, bool first);
  void close(unsigned gpu, unsigned step);

 private:
  Op op(OpKind kind, unsigned gpu, unsigned step) const;
  OpId transfer(unsigned from, unsigned to, unsigned step, Channel channel, std::uint64_t bytes, OpData data);
  OpId add(const Op& op, const OpData& data, const OpId* deps, std::size_t count);

  const Problem& problem_;
  const Costs& costs_;
  Layout& layout_;
  OpGraph& graph_;
  Ps kernel_launch_, message_launch_;
  unsigned pass_ = 0;
  std::vector<OpId> tail_;                // last operation of each GPU's stream
  std::vector<std::vector<OpId>> waits_;  // what the stream has posted and not waited for
  BlockSets last_block_;                  // pairs of the last block are those of the next, mostly
  double last_pairs_ = 0;
};

/// Picoseconds of a time in seconds, rounded.
Ps to_ps(double seconds);

/// Who holds which chunks when each GPU of a group has a part of the sequence.
///
/// Plain: GPU i has chunk i. Zigzag: 2n chunks, GPU i has i and 2n - 1 - i. A chunk stands for `width`
/// neighbouring ones (a group of GPUs holds what its members hold). In pass p of a chunked prefill, keys and
/// values of all passes so far are there.
class Shares {
 public:
  Shares(GraphBuilder& builder, unsigned parts, bool zigzag, unsigned width = 1);

  unsigned parts() const { return parts_; }
  bool zigzag() const { return zigzag_; }
  std::uint32_t q(unsigned part) const { return q_[part]; }            ///< its queries
  std::uint32_t q_late(unsigned part) const { return q_late_[part]; }  ///< zigzag: the second half of them
  std::uint32_t kv(unsigned part) const { return kv_[part]; }
  /// What queries of part i compute with keys of part j: everything, or what the mask leaves.
  BlockSets block(unsigned i, unsigned j) const;

 private:
  unsigned parts_;
  bool zigzag_, causal_, whole_;
  std::vector<std::uint32_t> q_, q_late_, kv_, kv_early_;
};

}  // namespace ring
