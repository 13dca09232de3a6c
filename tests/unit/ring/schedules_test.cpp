// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Who sends what to whom: the authors' table for N = 4, volumes by formula for all N, closed forms of time.
#include "models/ring/function/schedules/schedules.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

#include <gmock/gmock.h>

#include "models/ring/function/analysis.h"
#include "models/ring/function/closed_forms.h"
#include "models/ring/function/path_executor.h"
#include "models/ring/function/schedule.h"
#include "sim/core/error.h"

namespace {

using namespace ring;
using testing::HasSubstr;

Problem problem(std::uint64_t tokens, bool causal) {
  Problem p;
  p.seq_len = p.real_tokens = tokens;
  p.causal = causal;
  return p;
}

ScheduleOptions options(ScheduleKind kind, unsigned gpus) {
  ScheduleOptions o;
  o.kind = kind;
  o.gpus = gpus;
  return o;
}

Plan plan(const ScheduleOptions& o, const Problem& p, const BlockModel& block) {
  Costs costs;
  costs.block = &block;
  Plan made = make_plan(*make_schedule(o), o, p, costs);
  check(made.graph);
  return made;
}

Plan plan(const ScheduleOptions& o, const Problem& p) {
  return plan(o, p, FixedBlock(1e-3, static_cast<double>(p.seq_len) / o.gpus, p.heads));
}

std::uint64_t total(const Plan& plan, Channel channel) {
  std::uint64_t bytes = 0;
  for (const Op& op : plan.graph.ops) {
    if (op.kind == OpKind::transfer && op.channel == channel) bytes += op.bytes;
  }
  return bytes;
}

TEST(TokenRingZigzag, SendsWhatTheAuthorsCodeSends) {
  const Problem p = problem(24000, true);
  const Plan made = plan(options(ScheduleKind::token_ring_zigzag, 4), p);
  const std::uint64_t full = 49'152'000, out_full = 49'152'000 + 768'000;
  using Key = std::tuple<Channel, unsigned, unsigned, unsigned>;  // channel, step, from, to
  std::map<Key, std::string> sent;
  for (const Op& op : made.graph.ops) {
    if (op.kind != OpKind::transfer) continue;
    const std::uint64_t whole = op.channel == Channel::q ? full : out_full;
    const std::string share = op.bytes == whole ? "full" : op.bytes == whole / 2 ? "half" : "?";
    EXPECT_TRUE(sent.emplace(Key{op.channel, op.step, op.gpu, op.peer}, share).second);
  }
  const Channel q = Channel::q, out = Channel::out;
  const std::map<Key, std::string> table = {
      {{q, 0, 0, 3}, "half"},   {{q, 0, 1, 0}, "full"},   {{q, 0, 2, 1}, "full"},   {{q, 0, 3, 2}, "full"},
      {{q, 1, 1, 0}, "full"},   {{q, 1, 2, 1}, "full"},   {{q, 1, 0, 3}, "half"},   {{q, 1, 3, 2}, "half"},
      {{q, 2, 1, 0}, "full"},   {{q, 2, 0, 3}, "half"},   {{q, 2, 2, 1}, "half"},   {{q, 2, 3, 2}, "half"},
      {{out, 2, 0, 1}, "full"}, {{out, 2, 1, 2}, "full"}, {{out, 2, 2, 3}, "full"}, {{out, 2, 3, 0}, "half"},
      {{out, 3, 0, 2}, "full"}, {{out, 3, 1, 3}, "full"}, {{out, 3, 2, 0}, "half"}, {{out, 3, 3, 1}, "half"},
      {{out, 4, 0, 3}, "full"}, {{out, 4, 1, 0}, "half"}, {{out, 4, 2, 1}, "half"}, {{out, 4, 3, 2}, "half"}};
  EXPECT_EQ(sent, table);
}

TEST(TokenRingZigzag, ComputesHalfABlockInEveryStep) {
  for (const ScheduleKind kind : {ScheduleKind::token_ring_zigzag, ScheduleKind::ring_zigzag}) {
    for (const unsigned n : {1u, 2u, 3u, 7u, 16u}) {
      const Plan made = plan(options(kind, n), problem(1920 * n, true));
      for (const Op& op : made.graph.ops) {
        if (op.kind != OpKind::compute) continue;
        EXPECT_EQ(op.duration, 500'000'000u) << n;
      }
    }
  }
}

TEST(Schedules, MoveWhatTheFormulasSay) {
  for (unsigned n = 1; n <= 64; ++n) {
    for (const unsigned kv_heads : {32u, 4u}) {
      Problem p = problem(128ull * n, false);
      p.kv_heads = kv_heads;
      const std::uint64_t s = 128;  // tokens of a GPU
      const std::uint64_t q = s * 32 * 128 * 2, kv = 2 * s * kv_heads * 128 * 2, lse = s * 32 * 4;
      const std::uint64_t rounds = std::uint64_t{n} * (n - 1);
      EXPECT_EQ(total(plan(options(ScheduleKind::ring, n), p), Channel::kv), rounds * kv);
      const Plan token = plan(options(ScheduleKind::token_ring, n), p);
      EXPECT_EQ(total(token, Channel::q), rounds * q);
      EXPECT_EQ(total(token, Channel::out), rounds * (q + lse));
      p.causal = true;
      EXPECT_EQ(total(plan(options(ScheduleKind::ring_zigzag, n), p), Channel::kv), rounds * kv);
      const Plan zigzag = plan(options(ScheduleKind::token_ring_zigzag, n), p);
      EXPECT_EQ(4 * total(zigzag, Channel::q), 3 * rounds * q);
      EXPECT_EQ(4 * total(zigzag, Channel::out), 3 * rounds * (q + lse));
    }
  }
}

TEST(Schedules, SendTheSameFromEveryGpuWherePlain) {
  for (unsigned n = 2; n <= 64; n += 7) {
    const Problem p = problem(64ull * n, false);
    const Plan made = plan(options(ScheduleKind::token_ring, n), p);
    const Execution done = run_by_path(made.graph, [](OpId) { return Ps{1000}; });
    const Analysis a = analyse(made.graph, done, made.steps);
    for (unsigned gpu = 0; gpu < n; ++gpu) {
      EXPECT_EQ(a.bytes_sent[gpu], (n - 1) * (2 * p.q_bytes(64, 32) + p.lse_bytes(64, 32)));
      EXPECT_EQ(a.bytes_received[gpu], a.bytes_sent[gpu]);
    }
  }
}

TEST(Schedules, UlyssesMovesItsShareOfEverythingOnce) {
  for (const unsigned n : {1u, 2u, 4u, 8u, 16u, 32u}) {
    const Problem p = problem(128ull * n, false);
    const Plan made = plan(options(ScheduleKind::ulysses, n), p);
    EXPECT_EQ(total(made, Channel::q), p.q_bytes(p.seq_len, 32) / n * (n - 1));
    EXPECT_EQ(total(made, Channel::kv), p.kv_bytes(p.seq_len, 32) / n * (n - 1));
    EXPECT_EQ(total(made, Channel::out), p.q_bytes(p.seq_len, 32) / n * (n - 1));
  }
}

TEST(Schedules, MultiRingMovesTheBytesOfRingAttention) {
  for (const unsigned n : {2u, 3u, 4u, 5u, 8u, 9u}) {
    const unsigned rings = static_cast<unsigned>(edge_disjoint_rings(n).size());
    const Problem p = problem(2ull * n * rings * 8, false);
    EXPECT_EQ(total(plan(options(ScheduleKind::multi_ring, n), p), Channel::kv),
              std::uint64_t{n - 1} * p.kv_bytes(p.seq_len, 32));
  }
}

TEST(Schedules, HybridsMoveWhatTheFormulasSay) {
  const Problem p = problem(4096, true);
  ScheduleOptions o = options(ScheduleKind::multi_node, 8);
  o.nodes = 2;
  Plan made = plan(o, p);
  EXPECT_EQ(total(made, Channel::kv), p.kv_bytes(p.seq_len, 32));  // once from node to node
  // Inside each node: a zigzag TokenRing (3/4), then halves only (the other node's keys).
  EXPECT_GT(total(made, Channel::q), 0u);
  o = options(ScheduleKind::ulysses_ring, 8);
  o.ulysses = 4;
  made = plan(o, p);
  EXPECT_EQ(total(made, Channel::q), p.q_bytes(p.seq_len, 32) / 4 * 3);
  // All-to-all in groups of 4, then one exchange between two groups.
  EXPECT_EQ(total(made, Channel::kv), p.kv_bytes(p.seq_len, 32) / 4 * 3 + p.kv_bytes(p.seq_len, 32));
}

TEST(Schedules, CompressedKeysShrinkWhatTheRingMoves) {
  Problem p = problem(4096, false);
  const std::uint64_t plain = total(plan(options(ScheduleKind::ring, 8), p), Channel::kv);
  p.kv = KvFormat::pq;
  EXPECT_EQ(4 * total(plan(options(ScheduleKind::ring, 8), p), Channel::kv),
            plain);  // 128 B instead of 512 B
}

TEST(Schedules, ChunkedPrefillSendsAllKeysSoFarButOnlyNewQueries) {
  Problem p = problem(4096, true);
  p.chunk_tokens = 1024;
  const Plan ring = plan(options(ScheduleKind::ring_zigzag, 4), p);
  EXPECT_EQ(total(ring, Channel::kv), 3 * (1 + 2 + 3 + 4) * p.kv_bytes(1024, 32));
  const Plan token = plan(options(ScheduleKind::token_ring_zigzag, 4), p);
  // The first pass is an ordinary one; later passes send whole queries.
  EXPECT_EQ(4 * total(token, Channel::q), (3 + 3 * 4) * 3 * p.q_bytes(1024, 32));
}

TEST(Schedules, MatchTheClosedFormsOfTime) {
  // Independent links with 12.934 GB/s, 5 us a message, 3.5 ms a block.
  const auto seconds = [](double bytes) { return bytes / 12.934e9 + 5e-6; };
  MessageTimes t{seconds(49.152e6), seconds(98.304e6), seconds(49.92e6), seconds(49.92e6)};
  for (const unsigned n : {2u, 3u, 4u, 5u, 16u, 64u}) {
    const Problem p = problem(6000ull * n, false);
    const FixedBlock block(3.5e-3, 6000, 32);
    for (const bool token : {false, true}) {
      const Plan made = plan(options(token ? ScheduleKind::token_ring : ScheduleKind::ring, n), p, block);
      const Execution done = run_by_path(made.graph, [&](OpId id) {
        const Op& op = made.graph.ops[id];
        if (op.kind != OpKind::transfer) return op.duration;
        return static_cast<Ps>(seconds(static_cast<double>(op.bytes)) * 1e12);
      });
      const double formula = token ? token_ring_seconds(n, t, 3.5e-3) : ring_seconds(n, t, 3.5e-3);
      EXPECT_NEAR(static_cast<double>(done.end) * 1e-12, formula, 1e-9) << n;
      if (n < 4) continue;
      const double design = token ? 7.6106e-3 + 3.8645e-3 * (n - 1) : 7.6054e-3 * (n - 1) + 3.5e-3;
      EXPECT_NEAR(formula, design, 1e-3 * design) << n;
    }
  }
}

TEST(Schedules, PlainCausalRingLeavesTheFirstGpusIdle) {
  const Plan made = plan(options(ScheduleKind::ring, 4), problem(4096, true));
  const Execution done = run_by_path(made.graph, [&](OpId id) { return made.graph.ops[id].duration; });
  const Analysis a = analyse(made.graph, done, made.steps);
  // 0.5, 1.5, 2.5, 3.5 blocks.
  EXPECT_EQ(a.compute, (std::vector<Ps>{500'000'000, 1'500'000'000, 2'500'000'000, 3'500'000'000}));
  EXPECT_DOUBLE_EQ(a.compute_imbalance, 3.5 / 2);
}

TEST(Schedules, TheRingIsLockStepped) {
  // A slow kernel of GPU 1 in step 0 holds back what it sends, and what is sent to it, in step 1.
  const Plan made = plan(options(ScheduleKind::token_ring, 4), problem(4096, false));
  const Execution done = run_by_path(made.graph, [&](OpId id) {
    const Op& op = made.graph.ops[id];
    return op.kind == OpKind::compute && op.gpu == 1 && op.step == 0 ? Ps{50'000} : Ps{1'000};
  });
  for (OpId id = 0; id < made.graph.size(); ++id) {
    const Op& op = made.graph.ops[id];
    if (op.kind == OpKind::transfer && op.step == 1) {
      const bool waits = op.gpu == 1 || op.peer == 1;
      EXPECT_EQ(done.ops[id].issued > 50'000, waits) << describe(made.graph, id);
    }
  }
}

TEST(EdgeDisjointRings, ShareNoEdgeAndVisitEveryNode) {
  for (unsigned n = 2; n <= 65; ++n) {
    const auto rings = edge_disjoint_rings(n);
    EXPECT_EQ(rings.size(), n == 2 ? 1 : n % 2 == 1 ? n - 1 : n - 2);
    std::set<std::pair<unsigned, unsigned>> edges;
    for (const auto& ring : rings) {
      EXPECT_EQ(std::set<unsigned>(ring.begin(), ring.end()).size(), n);
      for (unsigned i = 0; i < n; ++i) EXPECT_TRUE(edges.emplace(ring[i], ring[(i + 1) % n]).second);
    }
  }
}

TEST(Schedules, RefuseWhatDoesNotDivideAndSayWhatDoes) {
  const FixedBlock block(1e-3, 1, 1);
  const auto refusal = [&](const ScheduleOptions& o, const Problem& p) -> std::string {
    try {
      plan(o, p, block);
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::usage);
      return e.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(options(ScheduleKind::ring_zigzag, 4), problem(1001, true)), HasSubstr("1000 or 1008"));
  EXPECT_THAT(refusal(options(ScheduleKind::ring, 4), problem(3, true)), HasSubstr("do: 4"));
  EXPECT_THAT(refusal(options(ScheduleKind::token_ring, 4), problem(1000, true)),
              HasSubstr("token_ring_zigzag"));
  EXPECT_THAT(refusal(options(ScheduleKind::ulysses, 5), problem(1000, true)), HasSubstr("32 heads to 5"));
  ScheduleOptions o = options(ScheduleKind::ulysses_ring, 8);
  o.ulysses = 3;
  EXPECT_THAT(refusal(o, problem(1024, true)), HasSubstr("1, 2, 4, 8"));
  o = options(ScheduleKind::multi_node, 8);
  EXPECT_THAT(refusal(o, problem(1024, true)), HasSubstr("schedule.nodes"));
  Problem p = problem(1000, true);
  p.chunk_tokens = 300;
  EXPECT_THAT(refusal(options(ScheduleKind::ring, 4), p), HasSubstr("900 or 1200"));
  EXPECT_THAT(refusal(options(ScheduleKind::multi_ring, 129), problem(1000, true)), HasSubstr("128"));
  const auto schedule = make_schedule(options(ScheduleKind::ring_zigzag, 4));
  EXPECT_EQ(padded(*schedule, problem(1001, true)).seq_len, 1008u);
}

TEST(OpGraph, NamesEveryOperationOfACycle) {
  OpGraph g;
  g.gpus = 2;
  Op op;
  g.add(op, {2});
  op.step = 1;
  g.add(op, {0});
  op.kind = OpKind::transfer;
  op.peer = 1;
  op.bytes = 7;
  op.channel = Channel::q;
  g.add(op, {1});
  EXPECT_EQ(find_cycle(g).size(), 3u);
  try {
    check(g);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("circle of 3"));
    EXPECT_THAT(e.what(), HasSubstr("compute of step 0 on gpu 0"));
    EXPECT_THAT(e.what(), HasSubstr("Q of step 1, gpu 0 -> gpu 1"));
  }
}

TEST(OpGraph, RefusesWhatAnExecutorCouldNotCarryOut) {
  const auto refused = [](const Op& op, const std::vector<OpId>& deps = {}) {
    OpGraph g;
    g.gpus = 2;
    g.add(op, deps);
    EXPECT_THROW(check(g), sim::Error);
  };
  Op op;
  op.kind = OpKind::transfer;
  refused(op);  // to itself
  op.peer = 1;
  refused(op);  // no bytes
  op.bytes = 1;
  op.peer = 2;
  refused(op);  // no such GPU
  op.peer = 1;
  refused(op, {5});
}

TEST(OpGraph, FitsALargeClusterInMemory) {
  const Plan made = plan(options(ScheduleKind::token_ring, 256), problem(25600, false));
  const double pairs = 256.0 * 256;
  EXPECT_LT(static_cast<double>(made.graph.size()) / pairs, 4.05);
  EXPECT_LT(static_cast<double>(made.graph.deps.size()) / pairs, 11.05);
  EXPECT_EQ(sizeof(Op), 40u);
}

}  // namespace
