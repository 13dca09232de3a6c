// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// An exported schedule is the same graph when it is read again: the same operations in the same order, so the
// same times at any level.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "chakra_nodes.h"
#include "models/ring/chakra/export.h"
#include "models/ring/function/path_executor.h"
#include "models/ring/function/schedule.h"
#include "tests/support/temp_folder.h"

namespace {

using testing::HasSubstr;

ring::OpGraph schedule(ring::ScheduleKind kind, unsigned gpus) {
  ring::Problem p;
  p.seq_len = p.real_tokens = 64 * gpus;
  p.causal = kind != ring::ScheduleKind::token_ring && kind != ring::ScheduleKind::multi_node;
  ring::ScheduleOptions o;
  o.kind = kind;
  o.gpus = gpus;
  o.ulysses = 2;
  o.nodes = 2;
  const ring::FixedBlock block(1.234567891e-3, 64, p.heads);
  ring::Costs costs;
  costs.block = &block;
  costs.merge_gbytes_per_s = 123;
  costs.kernel_launch_s = 3e-6;
  costs.message_launch_s = 7e-6;
  return ring::make_plan(*ring::make_schedule(o), o, p, costs).graph;
}

std::vector<ring::chakra::Rank> through_bytes(const std::vector<ring::chakra::Rank>& ranks) {
  std::vector<ring::chakra::Rank> result;
  for (const auto& rank : ranks) {
    std::stringstream file;
    ring::chakra::write_rank(file, rank);
    result.push_back(ring::chakra::read_rank(file, rank.file));
  }
  return result;
}

TEST(ChakraRoundTrip, EverySchedule) {
  for (const auto& [kind, name] : ring::schedule_words()) {
    SCOPED_TRACE(name);
    const ring::OpGraph graph = schedule(kind, 4);
    const ring::OpGraph again =
        ring::chakra::import_ranks(through_bytes(ring::chakra::export_ranks(graph, "t")), "t").graph;
    check(again);
    ASSERT_EQ(again.size(), graph.size());
    EXPECT_EQ(again.gpus, graph.gpus);
    for (ring::OpId id = 0; id < graph.size(); ++id) {
      const ring::Op &a = graph.ops[id], &b = again.ops[id];
      SCOPED_TRACE(describe(graph, id));
      EXPECT_EQ(again.names[id], describe(graph, id));
      EXPECT_EQ(a.kind, b.kind);
      EXPECT_EQ(a.gpu, b.gpu);
      EXPECT_EQ(a.peer, b.peer);
      EXPECT_EQ(a.bytes, b.bytes);
      EXPECT_EQ(a.duration, b.duration);
      EXPECT_EQ(a.launch_ps, b.launch_ps);
      EXPECT_EQ(a.step, b.step);
      EXPECT_EQ(a.channel, b.channel);
      std::vector<ring::OpId> before(graph.deps_begin(id), graph.deps_end(id)),
          after(again.deps_begin(id), again.deps_end(id));
      std::sort(before.begin(), before.end());
      before.erase(std::unique(before.begin(), before.end()), before.end());
      EXPECT_EQ(before, after);
    }
    const auto duration = [](const ring::OpGraph& g) {
      return [&g](ring::OpId id) { return g.ops[id].duration + g.ops[id].bytes * 77; };
    };
    EXPECT_EQ(run_by_path(again, duration(again)).end, run_by_path(graph, duration(graph)).end);
  }
}

TEST(ChakraRoundTrip, OtherReadersSeeMessagesAndMicroseconds) {
  const auto ranks = ring::chakra::export_ranks(schedule(ring::ScheduleKind::ring, 2), "t");
  std::uint64_t sends = 0, receives = 0, micros = 0;
  for (const auto& rank : ranks) {
    for (const auto& node : rank.nodes) {
      sends += node.type == ring::chakra::NodeType::send ? 1 : 0;
      receives += node.type == ring::chakra::NodeType::recv ? 1 : 0;
      if (node.type == ring::chakra::NodeType::compute) micros = std::max(micros, node.duration_micros);
    }
  }
  EXPECT_EQ(sends, 2u);
  EXPECT_EQ(receives, 2u);
  EXPECT_EQ(micros, 1235u);
}

TEST(ChakraRoundTrip, ExportKeepsWhatIsThere) {
  test_support::TempFolder folder;
  const std::string prefix = (folder / "x").string();
  const ring::OpGraph graph = schedule(ring::ScheduleKind::token_ring, 4);
  ring::chakra::export_files(graph, prefix);
  const auto imported = ring::chakra::import_files(prefix);
  EXPECT_EQ(imported.graph.size(), graph.size());
  EXPECT_EQ(imported.contents.ranks, 4u);
  EXPECT_EQ(imported.contents.version, "0.0.4");
  const auto refused = [&](unsigned gpus, const std::string& to) {
    try {
      ring::chakra::export_files(schedule(ring::ScheduleKind::ring, gpus), to);
    } catch (const sim::Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused(4, prefix), HasSubstr("x.0.et: is there already"));
  std::filesystem::remove(prefix + ".0.et");
  std::filesystem::remove(prefix + ".1.et");
  EXPECT_THAT(refused(2, prefix), HasSubstr("x.2.et: would be taken for one more rank"));
  EXPECT_THAT(refused(2, (folder / "no" / "x").string()), HasSubstr("cannot be written: No such file"));
  EXPECT_FALSE(std::filesystem::exists(prefix + ".0.et"));
}

// An exported link between ranks that no message carries.
TEST(ChakraRoundTrip, DependenciesBetweenRanks) {
  ring::OpGraph g;
  g.gpus = 3;
  ring::Op a;
  a.gpu = a.peer = 0;
  a.duration = 5;
  ring::Op t = a;
  t.kind = ring::OpKind::transfer;
  t.gpu = 1;
  t.peer = 2;
  t.bytes = 10;
  g.add(a, std::vector<ring::OpId>{});
  g.add(t, {0});
  const auto ranks = through_bytes(ring::chakra::export_ranks(g, "t"));
  EXPECT_THAT(ranks[1].nodes[0].remote_deps, testing::ElementsAre(0));
  const ring::OpGraph again = ring::chakra::import_ranks(ranks, "t").graph;
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(*again.deps_begin(1), 0u);
}

}  // namespace
