// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every latency of models/ring/HARDWARE.md is exact, at both levels.
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/latency_table.h"
#include "tests/support/ring_cluster.h"
#include "tests/support/ring_traffic.h"

namespace ring::test {
namespace {

const char* const kPage = TRICYCLE_SOURCE_DIR "/models/ring/HARDWARE.md";

TEST(Latency, OfAMessageIsTheDocumentedOne) {
  for (const auto& row : ::test::read_table(kPage, "message latencies")) {
    auto settings = row.settings("settings");
    const auto number = [&](const char* key, double otherwise) {
      return settings.count(key) > 0 ? std::stod(settings[key]) : otherwise;
    };
    LinkClass link = link_class(10, 500'000, static_cast<std::uint32_t>(number("credits", 64)));
    link.flow = rate_of_gbytes_per_s(number("flow", 0));
    Fabric fabric;
    if (settings.at("fabric") == "pair") {
      fabric = full_mesh(2, link);
    } else {
      LinkClass second = link;
      second.rate = rate_of_gbytes_per_s(number("second", 10));
      FabricBuilder b("pair behind a switch", 2, 1, false);
      const std::uint32_t near = b.add(link), far = b.add(second);
      b.one_way(0, 2, near);
      b.one_way(2, 1, far);
      b.one_way(1, 2, near);
      b.one_way(2, 0, near);
      fabric = b.finish();
      fabric.ports[2].latency_ps = 100'000;
    }
    fabric.ports[0].egress = rate_of_gbytes_per_s(number("egress", 0));
    fabric.ports[1].ingress = rate_of_gbytes_per_s(number("ingress", 0));
    const auto bytes = static_cast<std::uint64_t>(number("bytes", 0));
    std::vector<Message> messages(1 + static_cast<std::size_t>(number("others", 0)),
                                  Message{0, 1, bytes, 0, -1});
    const Routes routes = Routes::make(fabric);
    for (const Level level : {Level::packet, Level::train}) {
      Hardware hardware;
      hardware.level = level;
      const Outcome o = run(fabric, routes, hardware, messages);
      EXPECT_EQ(o.times[0].left, row.number("left")) << row.cells.at("settings");
      EXPECT_EQ(o.times[0].arrived, row.number("arrived")) << row.cells.at("settings");
    }
  }
}

// Small graphs on two GPUs; every one says how long its last operation took.
class Graph {
 public:
  Graph() { graph_.gpus = 2; }
  OpId kernel(OpKind kind = OpKind::compute, Ps duration = 1'000'000) {
    Op op;
    op.kind = kind;
    op.duration = duration;
    op.launch_ps = 5000;
    return graph_.add(op, {});
  }
  OpId message(std::uint64_t bytes, std::uint32_t launch_ps = 5000) {
    Op op;
    op.kind = OpKind::transfer;
    op.bytes = bytes;
    op.peer = 1;
    op.launch_ps = launch_ps;
    return graph_.add(op, {});
  }
  OpId join(OpId of) {
    Op op;
    op.kind = OpKind::join;
    return graph_.add(op, {of});
  }
  OpTiming time(OpId op, Hardware hardware = {}) const {
    hardware.slowdown = {1.0, 1.2};
    return simulate(graph_, full_mesh(2, link_class()), hardware).ops[op];
  }

 private:
  OpGraph graph_;
};

TEST(Latency, OfAnOperationIsTheDocumentedOne) {
  std::map<std::string, std::function<Ps()>> cases;
  cases["`kernel`"] = [] {
    Graph g;
    const OpId op = g.kernel();
    return g.time(op).finished;
  };
  cases["`second kernel`"] = [] {
    Graph g;
    g.kernel();
    const OpId op = g.kernel();
    return g.time(op).finished;
  };
  cases["`kernel beside a message`"] = [] {
    Graph g;
    g.message(25'600'000);
    const OpId op = g.kernel();
    return g.time(op).finished;
  };
  cases["`kernel beside a short message`"] = [] {
    Graph g;
    g.message(512);
    const OpId op = g.kernel();
    const OpTiming t = g.time(op);
    EXPECT_EQ(t.slowed, t.finished - 1'005'000);
    return t.finished;
  };
  cases["`merge beside a message`"] = [] {
    Graph g;
    g.message(25'600'000);
    const OpId op = g.kernel(OpKind::merge);
    return g.time(op).finished;
  };
  cases["`message`"] = [] {
    Graph g;
    const OpId op = g.message(256);
    return g.time(op).finished;
  };
  cases["`third message of two engines`"] = [] {
    Graph g;
    g.message(256);
    g.message(25600);
    const OpId op = g.message(256);
    const OpTiming t = g.time(op);
    EXPECT_EQ(t.issued, 0U);
    EXPECT_EQ(t.started, 32'200U);  // launch and service of the first
    return t.finished - 500'000 - t.started;
  };
  cases["`join`"] = [] {
    Graph g;
    const OpId kernel = g.kernel();
    const OpId op = g.join(kernel);
    const OpTiming t = g.time(op);
    return t.finished - 1'005'000;
  };
  cases["`kernel on a slow gpu`"] = [] {
    Graph g;
    const OpId op = g.kernel();
    Hardware hardware;
    Fault fault;
    fault.kind = Fault::Kind::slow_gpu;
    fault.at = 505'000;
    fault.factor = 2;
    hardware.faults = {fault};
    return g.time(op, hardware).finished;
  };
  const auto rows = ::test::read_table(kPage, "operation latencies");
  EXPECT_EQ(rows.size(), cases.size());
  for (const auto& row : rows) {
    ASSERT_EQ(cases.count(row.cells.at("operation")), 1U) << row.cells.at("operation");
    EXPECT_EQ(cases[row.cells.at("operation")](), row.number("picoseconds")) << row.cells.at("operation");
  }
}

}  // namespace
}  // namespace ring::test
