// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/analysis.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace ring {
namespace {

struct Interval {
  Ps begin, end;
};

/// Sorted and joined; empty ones are dropped.
std::vector<Interval> joined(std::vector<Interval> list) {
  std::sort(list.begin(), list.end(), [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  std::vector<Interval> result;
  for (const Interval& i : list) {
    if (i.begin >= i.end) continue;
    if (!result.empty() && i.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, i.end);
    } else {
      result.push_back(i);
    }
  }
  return result;
}

/// Length of joined intervals within [begin, end).
Ps within(const std::vector<Interval>& list, Ps begin, Ps end) {
  auto at =
      std::upper_bound(list.begin(), list.end(), begin, [](Ps t, const Interval& i) { return t < i.end; });
  Ps sum = 0;
  for (; at != list.end() && at->begin < end; ++at)
    sum += std::min(end, at->end) - std::max(begin, at->begin);
  return sum;
}

}  // namespace

Analysis analyse(const OpGraph& graph, const Execution& execution, unsigned steps_per_pass) {
  Analysis a;
  a.gpus = graph.gpus;
  a.bytes_sent.assign(graph.gpus, 0);
  a.bytes_received.assign(graph.gpus, 0);
  a.compute.assign(graph.gpus, 0);
  const auto step_of = [&](const Op& op) { return op.pass * steps_per_pass + op.step; };
  for (const Op& op : graph.ops) a.steps = std::max(a.steps, step_of(op) + 1);
  a.by_gpu_step.resize(std::size_t{a.gpus} * a.steps);

  // Operations by GPU, without copying them for each.
  std::vector<std::uint32_t> first(graph.gpus + 1, 0);
  const auto for_ends = [&](OpId id, auto&& use) {
    const Op& op = graph.ops[id];
    use(op.gpu);
    if (op.peer != op.gpu) use(op.peer);
  };
  for (OpId id = 0; id < graph.size(); ++id) for_ends(id, [&](unsigned gpu) { ++first[gpu + 1]; });
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<OpId> by_gpu(first.back());
  std::vector<std::uint32_t> fill(first.begin(), first.end() - 1);
  for (OpId id = 0; id < graph.size(); ++id) for_ends(id, [&](unsigned gpu) { by_gpu[fill[gpu]++] = id; });

  // 1. When each GPU ends each step, and who ends it last.
  std::vector<Ps> ends(std::size_t{a.gpus} * a.steps, 0);
  for (unsigned gpu = 0; gpu < a.gpus; ++gpu) {
    Ps* own = ends.data() + std::size_t{gpu} * a.steps;
    for (std::uint32_t i = first[gpu]; i < first[gpu + 1]; ++i) {
      const OpTiming& t = execution.ops[by_gpu[i]];
      if (t.issued == OpTiming::kNever) continue;
      Ps& end = own[step_of(graph.ops[by_gpu[i]])];
      end = std::max(end, t.done() ? t.finished : execution.end);
    }
    for (unsigned step = 1; step < a.steps; ++step) own[step] = std::max(own[step], own[step - 1]);
  }
  a.slowest.resize(a.steps);
  a.slowest_gpu.assign(a.steps, 0);
  const auto end_of = [&](unsigned gpu, unsigned step) { return ends[std::size_t{gpu} * a.steps + step]; };
  for (unsigned step = 0; step < a.steps; ++step) {
    for (unsigned gpu = 1; gpu < a.gpus; ++gpu) {
      if (end_of(gpu, step) > end_of(a.slowest_gpu[step], step)) a.slowest_gpu[step] = gpu;
    }
  }
  a.critical_gpu = a.steps > 0 ? a.slowest_gpu.back() : 0;

  // 2. What it does in between.
  std::vector<Interval> kernels, messages, busy;
  const auto times = [&](Ps begin, Ps end) {
    StepTimes s;
    s.duration = end - begin;
    s.kernels = within(kernels, begin, end);
    s.messages = within(messages, begin, end);
    s.exposed = within(busy, begin, end) - s.kernels;
    s.idle = s.duration - s.kernels - s.exposed;
    return s;
  };
  for (unsigned gpu = 0; gpu < a.gpus; ++gpu) {
    kernels.clear();
    messages.clear();
    busy.clear();
    for (std::uint32_t i = first[gpu]; i < first[gpu + 1]; ++i) {
      const Op& op = graph.ops[by_gpu[i]];
      const OpTiming& t = execution.ops[by_gpu[i]];
      if (t.started == OpTiming::kNever || op.kind == OpKind::join) continue;
      const Ps end = t.done() ? t.finished : execution.end;
      (op.kind == OpKind::transfer ? messages : kernels).push_back({t.started, end});
      busy.push_back({t.started, end});
      if (op.kind == OpKind::compute) a.compute[gpu] += end - t.started;
      if (op.kind == OpKind::transfer && t.done()) {
        (op.gpu == gpu ? a.bytes_sent : a.bytes_received)[gpu] += op.bytes;
      }
    }
    kernels = joined(std::move(kernels));
    messages = joined(std::move(messages));
    busy = joined(std::move(busy));
    Ps before = 0;
    for (unsigned step = 0; step < a.steps; ++step) {
      a.by_gpu_step[std::size_t{gpu} * a.steps + step] = times(before, end_of(gpu, step));
      before = end_of(gpu, step);
      if (a.slowest_gpu[step] != gpu) continue;
      a.slowest[step] = times(step == 0 ? 0 : end_of(a.slowest_gpu[step - 1], step - 1), before);
    }
    if (gpu == a.critical_gpu) a.critical = times(0, before);
  }
  const Ps most = *std::max_element(a.compute.begin(), a.compute.end());
  const double sum = std::accumulate(a.compute.begin(), a.compute.end(), 0.0);
  if (sum > 0) a.compute_imbalance = static_cast<double>(most) * a.gpus / sum;
  return a;
}

const char* Wait::longest() const {
  const std::array<std::pair<Ps, const char*>, 6> all = {{{dependency, "dependency"},
                                                          {engine, "engine"},
                                                          {link, "link"},
                                                          {port, "port"},
                                                          {credit, "credit"},
                                                          {slowed, "slowdown"}}};
  std::pair<Ps, const char*> most = {0, "nothing"};
  for (const auto& one : all) {
    if (one.first > most.first) most = one;
  }
  return most.second;
}

OpId last_dependency(const OpGraph& graph, const Execution& execution, OpId op) {
  OpId last = kNoOp;
  for (const OpId* d = graph.deps_begin(op); d != graph.deps_end(op); ++d) {
    const Ps at = execution.ops[*d].finished;                   // kNever is the latest of all
    const bool here = graph.ops[*d].peer == graph.ops[op].gpu;  // of messages, rather the one that arrived
    if (last == kNoOp || at > execution.ops[last].finished ||
        (at == execution.ops[last].finished && here && graph.ops[last].peer != graph.ops[op].gpu)) {
      last = *d;
    }
  }
  if (last != kNoOp && graph.ops[last].kind == OpKind::join &&
      graph.deps_begin(last) != graph.deps_end(last)) {
    return last_dependency(graph, execution, last);
  }
  return last;
}

std::vector<Wait> waits(const OpGraph& graph, const Execution& execution) {
  std::vector<Wait> result(graph.size());
  std::vector<std::vector<OpId>> kernels(graph.gpus);
  for (OpId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.ops[id];
    const OpTiming& t = execution.ops[id];
    Wait& w = result[id];
    w.last_dep = last_dependency(graph, execution, id);
    if (t.issued == OpTiming::kNever || op.kind == OpKind::join) continue;
    if (t.started != OpTiming::kNever) w.engine = t.started - t.issued;
    w.link = t.waited_link;
    w.port = t.waited_port;
    w.credit = t.waited_credit;
    w.slowed = t.slowed;
    if (op.kind != OpKind::transfer) {
      kernels[op.gpu].push_back(id);
      continue;
    }
    Ps first = t.issued;
    for (const OpId* d = graph.deps_begin(id); d != graph.deps_end(id); ++d) {
      first = std::min(first, execution.ops[*d].finished);
    }
    w.dependency = t.issued - first;
  }
  for (std::vector<OpId>& list : kernels) {
    std::sort(list.begin(), list.end(), [&](OpId a, OpId b) {
      const Ps x = execution.ops[a].issued, y = execution.ops[b].issued;
      return x != y ? x < y : a < b;
    });
    Ps free = 0;
    for (const OpId id : list) {
      const OpTiming& t = execution.ops[id];
      if (t.issued > free) result[id].dependency = t.issued - free;
      if (t.done()) free = std::max(free, t.finished);
    }
  }
  return result;
}

}  // namespace ring
