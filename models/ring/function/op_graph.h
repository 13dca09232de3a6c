// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a cluster has to do, without a word about hardware: operations and what each waits for. Schedules
// make such graphs, imported traces become such graphs, executors give every operation its times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ring {

/// Simulated time and durations in picoseconds.
using Ps = std::uint64_t;
/// Index into OpGraph::ops.
using OpId = std::uint32_t;
constexpr OpId kNoOp = ~OpId{0};

enum class OpKind : std::uint8_t {
  compute,   ///< a kernel on the SMs of `gpu`; slowed down by transfers that run beside it
  merge,     ///< a memory-bound kernel on the SMs of `gpu`; takes the same place in the stream as compute
  transfer,  ///< one message from `gpu` to `peer`: both ends in one operation
  join,      ///< takes no time and no resource: finishes when its dependencies have
};

/// What a message carries. Messages of different channels may be under way together.
enum class Channel : std::uint8_t { none, q, kv, out, other };

const char* word(OpKind kind);      ///< "compute"
const char* word(Channel channel);  ///< "Q", "KV", "Out", "data"; "" for none

/// One operation. 40 bytes: a TokenRing layer on 1024 GPUs has about four million.
struct Op {
  std::uint64_t bytes = 0;  ///< transfer: payload; merge: bytes read and written in memory (for statistics)
  Ps duration = 0;          ///< compute, merge: time of the kernel when nothing runs beside it
  std::uint32_t launch_ps = 0;  ///< between getting its engine or the SMs and its work: both are taken, no
                                ///< link is used, nothing slows it down
  std::uint32_t gpu = 0;        ///< where it runs; sender of a transfer
  std::uint32_t peer = 0;       ///< receiver of a transfer; else equal to gpu
  std::uint32_t step = 0;       ///< step of the schedule; the epilogue counts as one more step
  OpKind kind = OpKind::compute;
  Channel channel = Channel::none;
  std::uint16_t pass = 0;  ///< chunk of a chunked prefill
};

/// What an operation means to the functional mode: sets of token chunks (indices into Layout::sets) and a
/// range of query heads. Unused sets are kNoSet.
struct OpData {
  static constexpr std::uint32_t kNoSet = ~std::uint32_t{0};
  std::uint32_t q = kNoSet;   ///< rows of Q (transfer Q, compute), of the output (transfer Out, merge)
  std::uint32_t kv = kNoSet;  ///< keys and values (transfer KV, compute); transfer Out, merge: those it saw
  std::uint16_t head = 0;     ///< first query head
  std::uint16_t heads = 0;    ///< number of query heads; 0 = all
};

/// Operations and dependencies. Plain data: whoever changes it keeps the invariants of check().
///
/// What an executor does with it:
///   * An operation is *issued* when all its dependencies have finished (at time 0 if it has none).
///   * compute and merge: one at a time on each GPU, in the order in which they were issued, ties by index.
///     The kernel starts launch_ps after it got the SMs and takes `duration` without disturbance.
///   * transfer: takes one communication engine of the sender in the order of issue, ties by index; after
///     launch_ps its bytes go out; it *finishes* when the last byte has arrived at `peer`. The engine is free
///     again when the last byte has left the sender. Sender and receiver both see `finished`.
///   * join: finishes when issued.
/// A rendezvous (a send that waits until the receiver has posted its receive) is not a rule of executors: the
/// generator adds what the receiver waits for to the dependencies of the transfer.
/// Stream order is a dependency as well: generators say what follows what.
struct OpGraph {
  unsigned gpus = 0;
  std::vector<Op> ops;
  std::vector<std::uint32_t> first_dep = {0};  ///< ops.size() + 1 offsets into deps
  std::vector<OpId> deps;
  std::vector<OpData> data;        ///< parallel to ops; empty when there is no functional meaning
  std::vector<std::string> names;  ///< imported graphs: parallel to ops; empty otherwise

  std::size_t size() const { return ops.size(); }
  const OpId* deps_begin(OpId op) const { return deps.data() + first_dep[op]; }
  const OpId* deps_end(OpId op) const { return deps.data() + first_dep[op + 1]; }

  /// Appends an operation that waits for `waits_for` (kNoOp entries are left out). Returns its index.
  OpId add(const Op& op, const OpId* waits_for, std::size_t count);
  OpId add(const Op& op, const std::vector<OpId>& waits_for) {
    return add(op, waits_for.data(), waits_for.size());
  }
};

/// The other direction of the dependencies, in the same compressed form.
struct Successors {
  std::vector<std::uint32_t> first;  ///< ops.size() + 1 offsets
  std::vector<OpId> ops;             ///< ascending for each operation
  const OpId* begin(OpId op) const { return ops.data() + first[op]; }
  const OpId* end(OpId op) const { return ops.data() + first[op + 1]; }
};
Successors successors(const OpGraph& graph);

/// For people: "Q of step 3, gpu 1 -> gpu 2", "compute of step 0 on gpu 4", or the imported name.
std::string describe(const OpGraph& graph, OpId op);

/// A cycle of dependencies, each operation waiting for the next and the last for the first; empty = none.
std::vector<OpId> find_cycle(const OpGraph& graph);

/// Everything an executor relies on: GPUs in range, no message to oneself, no empty message, dependencies in
/// range and acyclic. Throws sim::Error(Exit::usage) naming the operation, or every operation of the cycle.
void check(const OpGraph& graph);

}  // namespace ring
