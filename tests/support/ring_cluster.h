// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A whole cluster for a test: graph, fabric, run.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "models/ring/cluster.h"
#include "models/ring/function/schedule.h"
#include "models/ring/topology/generators.h"
#include "sim/core/failure.h"
#include "sim/core/run.h"
#include "tests/support/context.h"

namespace ring::test {

/// One run in a fresh simulation. `conclude`: throw when something is left or lost.
inline Execution simulate(const OpGraph& graph, const Fabric& fabric, const Hardware& hardware,
                          std::uint64_t shuffle = 0, ExecutionListener* listener = nullptr,
                          bool check_protocol = true, bool conclude = true) {
  ::test::fresh_context();
  const Routes routes = Routes::make(fabric);
  sim::Failure failure;
  ClusterContext context{failure};
  context.check_protocol = check_protocol;
  context.shuffle_seed = shuffle;
  Cluster cluster("cluster", graph, fabric, routes, hardware, context);
  cluster.listen(listener);
  sim::run(failure);
  cluster.conclude(!conclude);
  return cluster.execution();
}

/// Messages of 49.152 MB of Q, 98.304 MB of K and V and 49.92 MB of results a GPU at any N, as ring.md has
/// them.
inline Plan layer(ScheduleKind kind, unsigned gpus, double t_c, double message_launch_s = 0) {
  Problem p;
  p.seq_len = p.real_tokens = std::uint64_t{6000} * gpus;
  p.causal = false;
  ScheduleOptions o;
  o.kind = kind;
  o.gpus = gpus;
  const auto schedule = make_schedule(o);
  const FixedBlock block(t_c, 6000, p.heads);
  Costs costs;
  costs.block = &block;
  costs.message_launch_s = message_launch_s;
  return make_plan(*schedule, o, p, costs);
}

}  // namespace ring::test
