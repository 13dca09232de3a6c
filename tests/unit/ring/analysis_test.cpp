// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Steps, exposed communication and waits of times set by hand; times of blocks.
#include "models/ring/function/analysis.h"

#include <gmock/gmock.h>

#include "models/ring/function/costs.h"
#include "models/ring/function/path_executor.h"

namespace {

using namespace ring;

Op kernel(unsigned gpu, unsigned step, Ps duration) {
  Op op;
  op.gpu = op.peer = gpu;
  op.step = step;
  op.duration = duration;
  return op;
}

Op message(unsigned from, unsigned to, unsigned step) {
  Op op = kernel(from, step, 0);
  op.kind = OpKind::transfer;
  op.channel = Channel::kv;
  op.peer = to;
  op.bytes = 1000;
  return op;
}

/// GPU 0 computes 10 and sends 30 beside it; GPU 1 computes 20, waits for the message, and computes 5 more.
struct TwoSteps : testing::Test {
  TwoSteps() {
    graph.gpus = 2;
    graph.add(message(0, 1, 0), {});
    graph.add(kernel(0, 0, 10), {});
    graph.add(kernel(1, 0, 20), {});
    Op join = kernel(1, 0, 0);
    join.kind = OpKind::join;
    graph.add(join, {0, 2});
    graph.add(kernel(1, 1, 5), {3});
    done = run_by_path(graph, [&](OpId op) { return op == 0 ? Ps{30} : graph.ops[op].duration; });
    a = analyse(graph, done, 2);
  }
  OpGraph graph;
  Execution done;
  Analysis a;
};

TEST_F(TwoSteps, AreTakenApart) {
  EXPECT_EQ(done.end, 35u);
  ASSERT_EQ(a.steps, 2u);
  const StepTimes& first = a.slowest[0];
  EXPECT_EQ(a.slowest_gpu[0], 0u);  // both end at 30
  EXPECT_EQ(first.duration, 30u);
  EXPECT_EQ(first.kernels, 10u);
  EXPECT_EQ(first.exposed, 20u);
  EXPECT_EQ(a.slowest_gpu[1], 1u);
  EXPECT_EQ(a.slowest[1].duration, 5u);
  EXPECT_EQ(a.critical_gpu, 1u);
  EXPECT_EQ(a.critical.kernels, 25u);
  EXPECT_EQ(a.critical.messages, 30u);
  EXPECT_EQ(a.critical.exposed, 10u);
  EXPECT_EQ(a.critical.idle, 0u);
  EXPECT_EQ(a.bytes_sent, (std::vector<std::uint64_t>{1000, 0}));
  EXPECT_EQ(a.bytes_received, (std::vector<std::uint64_t>{0, 1000}));
  EXPECT_DOUBLE_EQ(a.compute_imbalance, 25.0 / 17.5);
}

TEST_F(TwoSteps, SayWhatAnOperationWaitedFor) {
  const std::vector<Wait> w = waits(graph, done);
  EXPECT_EQ(w[4].dependency, 10u);  // the SMs were free at 20, the message came at 30
  EXPECT_EQ(w[4].last_dep, 0u);     // behind the join
  EXPECT_STREQ(w[4].longest(), "dependency");
  EXPECT_STREQ(w[1].longest(), "nothing");
}

TEST_F(TwoSteps, CountWhatIsUnfinishedUntilTheEnd) {
  done.ops[4].finished = OpTiming::kNever;
  done.end = 33;
  const Analysis cut = analyse(graph, done, 2);
  EXPECT_EQ(cut.slowest[1].duration, 3u);
  EXPECT_EQ(cut.critical.kernels, 23u);
}

TEST(Waits, OfAMessageAreThoseForItsOtherEnd) {
  OpGraph g;
  g.gpus = 2;
  g.add(kernel(0, 0, 10), {});
  g.add(kernel(1, 0, 25), {});
  g.add(message(0, 1, 1), {0, 1});
  const Execution done = run_by_path(g, [&](OpId op) { return op == 2 ? Ps{7} : g.ops[op].duration; });
  const Wait w = waits(g, done)[2];
  EXPECT_EQ(w.dependency, 15u);
  EXPECT_EQ(w.last_dep, 1u);
}

TEST(BlockTimes, ScaleWithPairs) {
  const FixedBlock fixed(8e-3, 1000, 32);
  EXPECT_DOUBLE_EQ(fixed.seconds({1000, 1000, 1e6, 32, 32}), 8e-3);
  EXPECT_DOUBLE_EQ(fixed.seconds({1000, 1000, 5e5, 32, 32}), 4e-3);
  EXPECT_DOUBLE_EQ(fixed.seconds({2000, 2000, 4e6, 8, 8}), 8e-3);
}

TEST(BlockTimes, AreInterpolatedBetweenMeasuredOnes) {
  // 100 x 100 in 1 ms, 200 x 200 causal (half of it) in 2 ms, 200 x 200 in 5 ms (twice measured: 4 and 6).
  const TableBlock table({{200, 200, false, 4e-3, 1},
                          {100, 100, false, 1e-3, 1},
                          {200, 200, true, 2e-3, 1},
                          {200, 200, false, 6e-3, 1}},
                         "here");
  EXPECT_DOUBLE_EQ(table.seconds({100, 100, 1e4, 1, 1}), 1e-3);
  EXPECT_DOUBLE_EQ(table.seconds({200, 200, 2e4, 1, 1}), 2e-3);
  EXPECT_DOUBLE_EQ(table.seconds({200, 200, 4e4, 1, 1}), 5e-3);
  EXPECT_DOUBLE_EQ(table.seconds({200, 200, 3e4, 1, 1}), 3.5e-3);
  EXPECT_DOUBLE_EQ(table.seconds({50, 100, 5e3, 1, 1}), 0.5e-3);
  EXPECT_DOUBLE_EQ(table.seconds({200, 400, 8e4, 1, 1}), 10e-3);
}

TEST(BlockTimes, OfAMeasuredShapeAreTheMeasuredOnes) {
  // The same work in three shapes: each keeps its own time, twice the heads take twice as long.
  const TableBlock table({{200, 100, false, 3e-3, 4}, {100, 200, false, 5e-3, 4}, {200, 200, true, 7e-3, 4}},
                         "here");
  EXPECT_DOUBLE_EQ(table.seconds({200, 100, 2e4, 4, 4}), 3e-3);
  EXPECT_DOUBLE_EQ(table.seconds({100, 200, 2e4, 8, 4}), 10e-3);
  EXPECT_DOUBLE_EQ(table.seconds({200, 200, 2e4, 4, 4}), 7e-3);
  EXPECT_DOUBLE_EQ(table.seconds({400, 50, 2e4, 4, 4}), 5e-3);  // not measured: the mean of that work
}

TEST(BlockTimes, OfARooflineAreTheLargerOfTwo) {
  Problem p;
  const RooflineBlock::Gpu gpu{100, 0.5, 1000};
  const RooflineBlock roofline(gpu, p);
  // 4 flops x 128 x 32 heads a pair at 50 TFLOP/s.
  EXPECT_NEAR(roofline.seconds({6000, 6000, 36e6, 32, 32}), 4.0 * 36e6 * 128 * 32 / 50e12, 1e-12);
  // One query over many keys: memory.
  const double bytes = 2.0 * 32 * 256 + 1e6 * 32 * 512 + 32 * 4;
  EXPECT_NEAR(roofline.seconds({1, 1000000, 1e6, 32, 32}), bytes / 1e12, 1e-12);
}

TEST(Sizes, AreThoseOfTheDesign) {
  Problem p;
  EXPECT_EQ(p.q_bytes(6000, 32), 49'152'000u);
  EXPECT_EQ(p.kv_bytes(6000, 32), 98'304'000u);
  EXPECT_EQ(p.lse_bytes(6000, 32), 768'000u);
  p.kv = KvFormat::pq;
  EXPECT_EQ(p.kv_bytes(1, 1), 128u);
  p.pq_sub_vectors = 32;
  p.pq_bits = 12;
  EXPECT_EQ(p.kv_bytes(1, 1), 96u);
  p.kv_heads = 8;
  EXPECT_EQ(p.kv_range({4, 4}).first, 1u);
  EXPECT_EQ(p.kv_range({4, 4}).count, 1u);
  EXPECT_EQ(p.kv_range({2, 4}).count, 2u);
}

}  // namespace
