// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Traces of other programs: what they mean, and how they are refused when they contradict themselves.
#include <gmock/gmock.h>

#include "chakra_nodes.h"
#include "models/ring/function/path_executor.h"

namespace {

using namespace chakra_test;
using testing::AllOf;
using testing::HasSubstr;

ring::Ps end_of(const std::vector<Rank>& trace, const ring::chakra::ImportOptions& options = {}) {
  const ring::OpGraph g = ring::chakra::import_ranks(trace, "t", options).graph;
  check(g);
  // A message takes a picosecond a byte.
  return run_by_path(g,
                     [&](ring::OpId id) {
                       return g.ops[id].kind == ring::OpKind::transfer ? g.ops[id].bytes : g.ops[id].duration;
                     })
      .end;
}

TEST(ChakraImport, AMessageStartsWithTheSenderAndTheReceiverWaits) {
  const auto trace = ranks({{compute(0, 1), send(1, 1, 500'000, {0})},
                            {compute(0, 3), recv(1, 0, 500'000, {0}), compute(2, 1, {1})}});
  EXPECT_EQ(end_of(trace), 4'000'000u);  // it is there long before the receive
  ring::chakra::ImportOptions rendezvous;
  rendezvous.rendezvous = true;
  EXPECT_EQ(end_of(trace, rendezvous), 4'500'000u);
}

TEST(ChakraImport, EqualMessagesFollowEachOther) {
  const auto g = ring::chakra::import_ranks(
                     ranks({{send(4, 1, 10), send(2, 1, 20)}, {recv(9, 0, 10, {7}), recv(7, 0, 20)}}), "t")
                     .graph;  // by ids, not by their places in the file
  EXPECT_EQ(g.size(), 4u);
}

TEST(ChakraImport, WorkWithoutADurationNeedsARate) {
  Node work = compute(0, 0), load = node(1, NodeType::mem_load);
  work.num_ops = 2'000'000;
  load.tensor_size = 3000;
  EXPECT_THAT(refusal(ranks({{work}})),
              AllOf(HasSubstr("t.0.et: node 0 'n0' has num_ops"), HasSubstr("gpu.tflops")));
  EXPECT_THAT(refusal(ranks({{load}})), HasSubstr("gpu.hbm_gbytes_per_s"));
  ring::chakra::ImportOptions options;
  options.tflops = 2;
  options.memory_gbytes_per_s = 3;
  EXPECT_EQ(end_of(ranks({{work, load}}), options), 1'000'000u);
  work.is_cpu_op = true;
  EXPECT_EQ(end_of(ranks({{work}})), 0u);
}

TEST(ChakraImport, NothingToSendIsNoMessage) {
  EXPECT_EQ(end_of(ranks({{send(0, 1, 0), send(1, 0, 99), recv(2, 0, 99)}, {recv(0, 0, 0)}})), 0u);
}

TEST(ChakraImport, RefusesMessagesWithoutAPartner) {
  EXPECT_THAT(
      refusal(ranks({{send(3, 1, 64, {}, 5)}, {}})),
      HasSubstr("t.0.et: node 3 'n3' sends to rank 1 with tag 5, but t.1.et has no receive left for it"));
  EXPECT_THAT(refusal(ranks({{}, {recv(2, 0, 64)}})), HasSubstr("t.1.et: node 2 'n2' receives from rank 0"));
  EXPECT_THAT(refusal(ranks({{send(0, 1, 64)}, {recv(2, 0, 65)}})),
              HasSubstr("t.0.et: node 0 'n0' sends 64 bytes to rank 1, but t.1.et: node 2 'n2' receives 65"));
  EXPECT_THAT(refusal(ranks({{send(0, 7, 64)}})),
              HasSubstr("comm_dst is rank 7, but there are files of ranks 0 to 0"));
  EXPECT_THAT(refusal(ranks({{send(0, 1, -4)}, {}})), HasSubstr("comm_size is -4"));
  Node n = send(0, 1, 4);
  n.comm_dst.reset();
  EXPECT_THAT(refusal(ranks({{n}, {}})), HasSubstr("has no attribute comm_dst"));
  n = send(0, 1, 4);
  n.comm_src = 1;
  EXPECT_THAT(refusal(ranks({{n}, {}})), HasSubstr("comm_src is 1, but the file is of rank 0"));
}

TEST(ChakraImport, RefusesDependenciesThatAreNotThere) {
  EXPECT_THAT(refusal(ranks({{compute(0, 1, {9})}})), HasSubstr("t.0.et: node 0 'n0' depends on node 9"));
  Node n = compute(0, 1);
  n.remote_deps = {std::uint64_t{5} << 32};
  EXPECT_THAT(refusal(ranks({{n}})), HasSubstr("depends on rank 5, which is not there"));
}

TEST(ChakraImport, RefusesCircles) {
  EXPECT_THAT(
      refusal(ranks({{compute(0, 1, {1}), compute(1, 1, {0})}})),
      AllOf(HasSubstr("in a circle"), HasSubstr("t.0.et: node 0 'n0'"), HasSubstr("t.0.et: node 1 'n1'")));
  EXPECT_THAT(refusal(ranks({{compute(0, 1, {0})}})), HasSubstr("in a circle"));
  // Both receive before they send.
  EXPECT_THAT(refusal(ranks({{recv(0, 1, 8), send(1, 1, 8, {0})}, {recv(0, 0, 8), send(1, 0, 8, {0})}})),
              AllOf(HasSubstr("t.0.et: node 1"), HasSubstr("t.1.et: node 1")));
  // Both send before they receive: only where a message waits for its receive.
  const auto crossed = ranks({{send(0, 1, 8), recv(1, 1, 8, {0})}, {send(0, 0, 8), recv(1, 0, 8, {0})}});
  EXPECT_EQ(refusal(crossed), "");
  ring::chakra::ImportOptions rendezvous;
  rendezvous.rendezvous = true;
  EXPECT_THAT(refusal(crossed, rendezvous), HasSubstr("chakra_rendezvous: false"));
}

TEST(ChakraImport, RefusesCollectivesWithoutAgreement) {
  EXPECT_THAT(refusal(ranks({{collective(0, CommType::all_reduce, 64)}, {}})),
              HasSubstr("is ALL_REDUCE of 64 bytes, but t.1.et has no collective left for it"));
  EXPECT_THAT(
      refusal(ranks({{collective(0, CommType::all_reduce, 64)}, {collective(4, CommType::all_gather, 64)}})),
      AllOf(HasSubstr("t.1.et: node 4 'n4', is ALL_GATHER"), HasSubstr("same order")));
  EXPECT_THAT(
      refusal(ranks({{collective(0, CommType::all_reduce, 64)}, {collective(4, CommType::all_reduce, 65)}})),
      HasSubstr("t.1.et: node 4 'n4' has a comm_size of 65"));
  Node broadcast = collective(0, CommType::broadcast, 8), other = broadcast;
  other.root = 1;
  EXPECT_THAT(refusal(ranks({{broadcast}, {other}})), HasSubstr("root"));
  broadcast.root = 9;
  EXPECT_THAT(refusal(ranks({{broadcast}, {other}})), HasSubstr("root is rank 9"));
  Node strange = collective(0, CommType::barrier, 8);
  strange.comm_type = 55;
  EXPECT_THAT(refusal(ranks({{strange}})), HasSubstr("comm_type 55 is not known"));
  strange = collective(0, CommType::all_reduce, 8);
  strange.some_dims = true;
  EXPECT_THAT(refusal(ranks({{strange}})), HasSubstr("involved_dim"));
}

}  // namespace
