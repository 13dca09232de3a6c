// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/path_executor.h"

#include <algorithm>
#include <numeric>

namespace ring {

Execution run_by_path(const OpGraph& graph, const std::function<Ps(OpId)>& duration,
                      ExecutionListener* listener) {
  Execution result;
  result.ops.resize(graph.size());
  const Successors next = successors(graph);
  std::vector<std::uint32_t> open(graph.size());
  std::vector<OpId> ready;
  for (OpId op = 0; op < graph.size(); ++op) {
    open[op] = graph.first_dep[op + 1] - graph.first_dep[op];
    if (open[op] == 0) ready.push_back(op);
    result.ops[op].issued = 0;
  }
  while (!ready.empty()) {
    const OpId op = ready.back();
    ready.pop_back();
    OpTiming& t = result.ops[op];
    t.started = t.issued;
    t.finished =
        t.started + (graph.ops[op].kind == OpKind::join ? 0 : graph.ops[op].launch_ps + duration(op));
    result.end = std::max(result.end, t.finished);
    for (const OpId* s = next.begin(op); s != next.end(op); ++s) {
      result.ops[*s].issued = std::max(result.ops[*s].issued, t.finished);
      if (--open[*s] == 0) ready.push_back(*s);
    }
  }
  if (listener == nullptr) return result;
  std::vector<OpId> order(graph.size());
  std::iota(order.begin(), order.end(), OpId{0});
  std::sort(order.begin(), order.end(), [&](OpId a, OpId b) {
    const Ps x = result.ops[a].finished, y = result.ops[b].finished;
    return x != y ? x < y : a < b;
  });
  for (const OpId op : order) listener->on_finished(op, result.ops[op].finished);
  return result;
}

}  // namespace ring
