// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Real Q, K and V through every schedule: the merged output equals attention on one device.
#include "models/ring/function/functional.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "models/ring/function/attention.h"
#include "models/ring/function/path_executor.h"
#include "models/ring/function/schedules/schedules.h"
#include "sim/core/error.h"

namespace {

using namespace ring;
using testing::HasSubstr;

struct Case {
  ScheduleKind kind;
  unsigned gpus;
  bool causal = true;
  unsigned heads = 4, kv_heads = 4;
  KvFormat kv = KvFormat::fp16;
  std::uint64_t chunk_units = 0;  // chunked prefill in that many passes
  unsigned ulysses = 0, nodes = 0;
  bool pad = false;
};

Problem small(const Case& c) {
  Problem p;
  p.heads = c.heads;
  p.kv_heads = c.kv_heads;
  p.head_dim = 16;
  p.causal = c.causal;
  p.kv = c.kv;
  p.pq_sub_vectors = 8;
  p.pq_bits = 4;
  return p;
}

double error_of(const Case& c, std::uint64_t shuffle = 1) {
  ScheduleOptions o;
  o.kind = c.kind;
  o.gpus = c.gpus;
  o.ulysses = c.ulysses;
  o.nodes = c.nodes;
  const auto schedule = make_schedule(o);
  Problem p = small(c);
  const std::uint64_t unit = schedule->token_unit();
  p.seq_len = std::max<std::uint64_t>(48 / unit, 1) * unit;
  if (c.chunk_units > 0) {
    p.chunk_tokens = unit;
    p.seq_len = unit * c.chunk_units;
  }
  p.real_tokens = p.seq_len;
  if (c.pad) {
    p.seq_len -= 1;
    p.real_tokens = p.seq_len;
    p = padded(*schedule, p);
    EXPECT_EQ(p.real_tokens + 1, p.seq_len);
  }
  const FixedBlock block(1e-6, 1, 1);
  Costs costs;
  costs.block = &block;
  const Plan plan = make_plan(*schedule, o, p, costs);
  FunctionalCluster cluster(plan, p, 7);
  // Random times: the values must not depend on them.
  std::mt19937_64 bits(shuffle);
  std::vector<Ps> times(plan.graph.size());
  for (Ps& t : times) t = bits() % 1000;
  run_by_path(
      plan.graph, [&](OpId op) { return times[op]; }, &cluster);
  return cluster.output_max_error();
}

class EverySchedule : public testing::TestWithParam<ScheduleKind> {};

TEST_P(EverySchedule, EqualsOneDeviceUpToSixteenGpus) {
  for (unsigned n = 1; n <= 16; ++n) {
    for (const bool causal : {true, false}) {
      if (GetParam() == ScheduleKind::token_ring && causal) continue;  // refused
      Case c{GetParam(), n, causal};
      if (GetParam() == ScheduleKind::ulysses) c.heads = c.kv_heads = n;
      for (unsigned part = 1; part <= n; ++part) {
        if (n % part != 0) continue;
        c.ulysses = c.nodes = part;
        if (GetParam() == ScheduleKind::ulysses_ring) c.heads = c.kv_heads = part;
        EXPECT_LE(error_of(c), 1e-3) << word(GetParam()) << " on " << n << " GPUs, parts of " << part;
        if (GetParam() != ScheduleKind::ulysses_ring && GetParam() != ScheduleKind::multi_node) break;
      }
    }
  }
}

TEST_P(EverySchedule, EqualsOneDeviceWithGroupedHeadsCompressedKeysAndChunks) {
  const bool causal = GetParam() != ScheduleKind::token_ring;
  Case c{GetParam(), 4, causal, 8, 2};
  c.ulysses = c.nodes = 2;
  EXPECT_LE(error_of(c), 1e-3);
  EXPECT_LE(error_of(c, 99), 1e-3);  // other times
  c.kv_heads = 1;
  EXPECT_LE(error_of(c), 1e-3);
  c.kv_heads = 4;
  c.kv = KvFormat::pq;
  EXPECT_LE(error_of(c), 1e-3);
  c.kv = KvFormat::fp16;
  c.pad = true;
  EXPECT_LE(error_of(c), 1e-3);
  c.pad = false;
  if (!causal) return;
  c.chunk_units = 3;
  EXPECT_LE(error_of(c), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(All, EverySchedule,
                         testing::Values(ScheduleKind::ring, ScheduleKind::ring_zigzag,
                                         ScheduleKind::token_ring, ScheduleKind::token_ring_zigzag,
                                         ScheduleKind::ulysses, ScheduleKind::ulysses_ring,
                                         ScheduleKind::multi_node, ScheduleKind::multi_ring),
                         [](const auto& one) { return word(one.param); });

TEST(FunctionalCluster, ErrorIsNotZeroBecauseResultsCrossTheWireInFp16) {
  EXPECT_GT(error_of({ScheduleKind::token_ring_zigzag, 4}), 1e-5);
}

TEST(FunctionalCluster, FindsWhatAScheduleForgets) {
  ScheduleOptions o;
  o.kind = ScheduleKind::token_ring;
  o.gpus = 4;
  Problem p = small({o.kind, 4, false});
  p.seq_len = p.real_tokens = 32;
  const FixedBlock block(1e-6, 1, 1);
  Costs costs;
  costs.block = &block;
  const Plan plan = make_plan(*make_schedule(o), o, p, costs);
  const auto failure = [&](auto&& skip) -> std::string {
    FunctionalCluster cluster(plan, p, 7);
    try {
      for (OpId op = 0; op < plan.graph.size(); ++op) {
        if (!skip(plan.graph.ops[op])) cluster.on_finished(op, 0);
      }
      cluster.output_max_error();
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::check);
      return e.what();
    }
    return "nothing";
  };
  EXPECT_EQ(failure([](const Op&) { return false; }), "nothing");
  EXPECT_THAT(failure([](const Op& op) { return op.channel == Channel::q && op.step == 1 && op.gpu == 2; }),
              HasSubstr("Q of step 2, gpu 3 -> gpu 0: chunk 1, head 0 is not on the sender"));
  EXPECT_THAT(failure([](const Op& op) { return op.channel == Channel::out && op.step == 4 && op.gpu == 0; }),
              HasSubstr("the result of chunk 1 is not on this GPU"));
  EXPECT_THAT(failure([](const Op& op) { return op.kind == OpKind::merge && op.step == 4 && op.gpu == 0; }),
              HasSubstr("gpu 0 lacks the whole output of chunk 0"));
}

TEST(FunctionalCluster, RefusesWhatWouldTakeTheHostTooLong) {
  ScheduleOptions o;
  Problem p = small({o.kind, 1});
  p.seq_len = p.real_tokens = 65536;
  p.heads = p.kv_heads = 32;
  const FixedBlock block(1e-6, 1, 1);
  Costs costs;
  costs.block = &block;
  const Plan plan = make_plan(*make_schedule(o), o, p, costs);
  EXPECT_THROW(FunctionalCluster(plan, p, 1), sim::Error);
}

TEST(Fp16, RoundsToNearestEven) {
  EXPECT_EQ(to_fp16(1.0f), 0x3c00);
  EXPECT_EQ(to_fp16(-2.0f), 0xc000);
  EXPECT_EQ(to_fp16(65504.0f), 0x7bff);
  EXPECT_EQ(to_fp16(65519.996f), 0x7bff);
  EXPECT_EQ(to_fp16(65520.0f), 0x7c00);
  EXPECT_EQ(to_fp16(5.9604645e-8f), 0x0001);  // the smallest subnormal
  EXPECT_EQ(to_fp16(2.9802322e-8f), 0x0000);  // half of it: to even
  EXPECT_EQ(to_fp16(2.9802326e-8f), 0x0001);
  EXPECT_EQ(to_fp16(6.1035156e-5f), 0x0400);       // the smallest normal
  EXPECT_EQ(to_fp16(1.0f + 1.0f / 2048), 0x3c00);  // halfway: to even
  EXPECT_EQ(to_fp16(1.0f + 3.0f / 2048), 0x3c02);  // halfway: to even
  EXPECT_TRUE(std::isnan(from_fp16(to_fp16(std::numeric_limits<float>::quiet_NaN()))));
  for (unsigned bits = 0; bits < 0x7c00; ++bits)
    EXPECT_EQ(to_fp16(from_fp16(static_cast<std::uint16_t>(bits))), bits);
}

TEST(Merge, MatchesOneSoftmaxOverBothBlocks) {
  Problem p = small({ScheduleKind::ring, 1, false});
  p.seq_len = p.real_tokens = 12;
  const AttentionInputs in = AttentionInputs::random(p, 3);
  const auto keys = [&](std::uint64_t first, std::uint64_t tokens) {
    KeyBlock b;
    b.first_token = first;
    b.tokens = tokens;
    for (std::uint64_t t = first; t < first + tokens; ++t) {
      for (unsigned i = 0; i < p.head_dim; ++i) {
        b.k.push_back(in.k[t * p.heads * p.head_dim + i]);
        b.v.push_back(in.v[t * p.heads * p.head_dim + i]);
      }
    }
    return b;
  };
  const KeyBlock all = keys(0, 12), left = keys(0, 5), right = keys(5, 7);
  const BlockResult whole = attend(p, in.q.data(), 0, 1, {&all});
  BlockResult merged = attend(p, in.q.data(), 0, 1, {&left});
  merge_into(merged, attend(p, in.q.data(), 0, 1, {&right}), p.head_dim);
  EXPECT_NEAR(merged.lse[0], whole.lse[0], 1e-5);
  for (unsigned i = 0; i < p.head_dim; ++i) EXPECT_NEAR(merged.out[i], whole.out[i], 1e-5);
}

TEST(Merge, SurvivesRowsThatSawNothing) {
  BlockResult total{{1, 2}, {0.5f}}, empty{{0, 0}, {-INFINITY}};
  merge_into(total, empty, 2);
  EXPECT_EQ(total.out, (std::vector<float>{1, 2}));
  merge_into(empty, total, 2);
  EXPECT_EQ(empty.out, total.out);
  EXPECT_EQ(empty.lse, total.lse);
}

}  // namespace
