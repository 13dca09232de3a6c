// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/collective.h"

#include <set>

#include <gmock/gmock.h>

#include "chakra_nodes.h"
#include "models/ring/function/path_executor.h"

namespace {

using ring::chakra::Algorithm;
using ring::chakra::CommType;
using ring::chakra::Exchange;

constexpr Algorithm kAlgorithms[] = {Algorithm::ring, Algorithm::direct, Algorithm::tree};

Exchange run(Algorithm algorithm, CommType type, std::uint32_t ranks, std::uint64_t bytes,
             std::uint32_t root = 0) {
  Exchange e(ranks);
  ring::chakra::make_collectives(algorithm)->run({type, bytes, ranks, root}, e);
  return e;
}

std::uint64_t total(const Exchange& e) {
  std::uint64_t sum = 0;
  for (const auto& m : e.all()) sum += m.bytes;
  return sum;
}

// From whose start information can have come to each rank when it is done.
std::vector<std::set<std::uint32_t>> heard(const Exchange& e) {
  const auto& all = e.all();
  std::vector<std::set<std::uint32_t>> carries(all.size());  // what is in a message
  std::vector<std::set<std::uint32_t>> known(
      all.size());  // what its receiver knows for sure when it is there
  std::vector<std::set<std::uint32_t>> knows(e.ranks());
  const auto add = [](std::set<std::uint32_t>& to, const std::set<std::uint32_t>& from) {
    to.insert(from.begin(), from.end());
  };
  for (std::uint32_t r = 0; r < e.ranks(); ++r) carries[r] = known[r] = knows[r] = {r};
  for (std::uint32_t i = e.ranks(); i < all.size(); ++i) {
    for (const std::uint32_t before : all[i].after) {
      EXPECT_LT(before, i);
      const bool start = before < e.ranks();
      const std::uint32_t receiver = start ? before : all[before].to;
      if (receiver == all[i].from) add(carries[i], known[before]);
      if (receiver == all[i].to) add(known[i], known[before]);
      if (!start && all[before].from == all[i].from) add(carries[i], carries[before]);
    }
    add(known[i], carries[i]);
    add(knows[all[i].to], carries[i]);
  }
  return knows;
}

TEST(Collectives, EverybodyHearsOfEverybody) {
  for (const Algorithm algorithm : kAlgorithms) {
    for (const CommType type : {CommType::all_reduce, CommType::all_gather, CommType::reduce_scatter,
                                CommType::all_to_all, CommType::barrier}) {
      for (std::uint32_t n = 1; n <= 17; ++n) {
        SCOPED_TRACE(std::string(word(type)) + " " + std::to_string(n) + " " +
                     std::to_string(int(algorithm)));
        for (const auto& known : heard(run(algorithm, type, n, 1000))) EXPECT_EQ(known.size(), n);
      }
    }
  }
}

TEST(Collectives, RootsHearOfAllOrAreHeardByAll) {
  for (const Algorithm algorithm : kAlgorithms) {
    for (std::uint32_t n = 1; n <= 17; ++n) {
      for (std::uint32_t root = 0; root < n; root += 3) {
        for (const CommType type : {CommType::reduce, CommType::gather}) {
          EXPECT_EQ(heard(run(algorithm, type, n, 1000, root))[root].size(), n) << word(type) << n;
        }
        for (const CommType type : {CommType::broadcast, CommType::scatter}) {
          for (const auto& known : heard(run(algorithm, type, n, 1000, root)))
            EXPECT_EQ(known.count(root), 1u);
        }
      }
    }
  }
}

// Bytes that all ranks send together.
TEST(Collectives, VolumesByFormula) {
  for (std::uint32_t n = 2; n <= 33; ++n) {
    const std::uint64_t s = 1000003;  // does not divide
    for (const Algorithm a : {Algorithm::ring, Algorithm::direct}) {
      EXPECT_EQ(total(run(a, CommType::all_reduce, n, s)), 2 * (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::reduce_scatter, n, s)), (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::all_gather, n, s)), std::uint64_t{n} * (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::all_to_all, n, s)), (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::broadcast, n, s)), (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::reduce, n, s)), (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::gather, n, s)), (n - 1) * s);
      EXPECT_EQ(total(run(a, CommType::scatter, n, s)), s - ring::chakra::part_bytes(s, n, 0));
    }
    EXPECT_EQ(total(run(Algorithm::tree, CommType::all_reduce, n, s)), 2 * (n - 1) * s);
    EXPECT_EQ(total(run(Algorithm::tree, CommType::broadcast, n, s)), (n - 1) * s);
    EXPECT_EQ(total(run(Algorithm::tree, CommType::all_gather, n, s)), std::uint64_t{n} * (n - 1) * s);
    EXPECT_NEAR(static_cast<double>(total(run(Algorithm::tree, CommType::reduce_scatter, n, s))),
                static_cast<double>((n - 1) * s), 33 * 6);
  }
}

// Steps of unit time where every message takes the same: the depth that each algorithm is known for.
TEST(Collectives, DepthsByFormula) {
  const auto depth = [](Algorithm a, CommType type, unsigned n) {
    std::vector<std::vector<chakra_test::Node>> nodes(n);
    for (auto& rank : nodes) rank.push_back(chakra_test::collective(0, type, 1 << 20));
    ring::chakra::ImportOptions options;
    options.collectives = a;
    const ring::OpGraph g = ring::chakra::import_ranks(chakra_test::ranks(nodes), "t", options).graph;
    return run_by_path(g, [&](ring::OpId id) { return g.ops[id].kind == ring::OpKind::transfer ? 1 : 0; })
        .end;
  };
  EXPECT_EQ(depth(Algorithm::ring, CommType::all_reduce, 8), 14u);
  EXPECT_EQ(depth(Algorithm::direct, CommType::all_reduce, 8), 2u);
  EXPECT_EQ(depth(Algorithm::tree, CommType::all_reduce, 8), 6u);
  EXPECT_EQ(depth(Algorithm::ring, CommType::all_gather, 8), 7u);
  EXPECT_EQ(depth(Algorithm::tree, CommType::all_gather, 9), 4u);
  EXPECT_EQ(depth(Algorithm::ring, CommType::broadcast, 4), 6u);  // 4 parts over 3 hops
  EXPECT_EQ(depth(Algorithm::tree, CommType::broadcast, 9), 4u);
  EXPECT_EQ(depth(Algorithm::ring, CommType::all_to_all, 8), 7u);
  EXPECT_EQ(depth(Algorithm::direct, CommType::all_to_all, 8), 1u);
  EXPECT_EQ(depth(Algorithm::ring, CommType::barrier, 8), 3u);
}

TEST(Collectives, OfAGroupInvolveNobodyElse) {
  using namespace chakra_test;
  auto trace = ranks({{collective(0, CommType::all_reduce, 600)},
                      {compute(0, 1)},
                      {collective(0, CommType::all_reduce, 600)}});
  trace[0].nodes[0].pg_name = trace[2].nodes[0].pg_name = "pair";
  const std::string file = testing::TempDir() + "/chakra_groups.json";
  FILE* out = fopen(file.c_str(), "w");
  fputs("{\"pair\": [2, 0]}", out);
  fclose(out);
  ring::chakra::ImportOptions options;
  options.groups_file = file;
  const auto imported = ring::chakra::import_ranks(trace, "t", options);
  for (const ring::Op& op : imported.graph.ops) EXPECT_TRUE(op.kind != ring::OpKind::transfer || op.gpu != 1);
  EXPECT_EQ(imported.contents.collective_bytes, 1200u);
  EXPECT_THAT(refusal(ranks({{collective(0, CommType::all_reduce, 600)}, {}}), options),
              testing::HasSubstr("member 2"));
}

}  // namespace
