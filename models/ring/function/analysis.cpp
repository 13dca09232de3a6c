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

  std::vector<Interval> kernels, busy;
  std::vector<Ps> ends(a.steps);
  Ps last = 0;
  for (unsigned gpu = 0; gpu < a.gpus; ++gpu) {
    kernels.clear();
    busy.clear();
    std::fill(ends.begin(), ends.end(), 0);
    for (std::uint32_t i = first[gpu]; i < first[gpu + 1]; ++i) {
      const Op& op = graph.ops[by_gpu[i]];
      const OpTiming& t = execution.ops[by_gpu[i]];
      if (t.issued == OpTiming::kNever) continue;
      const Ps end = t.done() ? t.finished : execution.end;
      const Ps begin = t.started == OpTiming::kNever ? end : t.started;
      ends[step_of(op)] = std::max(ends[step_of(op)], end);
      if (op.kind == OpKind::transfer) {
        busy.push_back({begin, end});
        if (t.done()) (op.gpu == gpu ? a.bytes_sent : a.bytes_received)[gpu] += op.bytes;
      } else if (op.kind != OpKind::join) {
        kernels.push_back({begin, end});
        busy.push_back({begin, end});
        if (op.kind == OpKind::compute) a.compute[gpu] += end - begin;
      }
    }
    kernels = joined(std::move(kernels));
    busy = joined(std::move(busy));
    StepTimes whole;
    Ps before = 0;
    for (unsigned step = 0; step < a.steps; ++step) {
      StepTimes& s = a.by_gpu_step[std::size_t{gpu} * a.steps + step];
      const Ps end = std::max(before, ends[step]);
      s.duration = end - before;
      s.kernels = within(kernels, before, end);
      s.exposed = within(busy, before, end) - s.kernels;
      s.idle = s.duration - s.kernels - s.exposed;
      whole.duration += s.duration;
      whole.kernels += s.kernels;
      whole.exposed += s.exposed;
      whole.idle += s.idle;
      before = end;
    }
    if (gpu == 0 || before > last) {
      last = before;
      a.critical = whole;
      a.critical_gpu = gpu;
    }
  }
  for (unsigned step = 0; step < a.steps; ++step) {
    unsigned slowest = 0;
    for (unsigned gpu = 1; gpu < a.gpus; ++gpu) {
      const auto at = [&](unsigned g) { return a.by_gpu_step[std::size_t{g} * a.steps + step].duration; };
      if (at(gpu) > at(slowest)) slowest = gpu;
    }
    a.slowest.push_back(a.by_gpu_step[std::size_t{slowest} * a.steps + step]);
    a.slowest_gpu.push_back(slowest);
  }
  const Ps most = *std::max_element(a.compute.begin(), a.compute.end());
  const double sum = std::accumulate(a.compute.begin(), a.compute.end(), 0.0);
  if (sum > 0) a.compute_imbalance = static_cast<double>(most) * a.gpus / sum;
  return a;
}

const char* Wait::longest() const {
  const std::array<std::pair<Ps, const char*>, 6> all = {{{stream, "dependency"},
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
    const Ps at = execution.ops[*d].finished;
    if (at == OpTiming::kNever) return *d;
    if (last == kNoOp || at > execution.ops[last].finished ||
        (at == execution.ops[last].finished && *d < last)) {
      last = *d;
    }
  }
  return last;
}

std::vector<Wait> waits(const OpGraph& graph, const Execution& execution) {
  std::vector<Wait> result(graph.size());
  // When the place that an operation takes was last left: SMs of a GPU, or a channel of a sender.
  constexpr unsigned kChannels = 5;
  std::vector<std::vector<OpId>> users(std::size_t{graph.gpus} * (1 + kChannels));
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
    const std::size_t place = op.kind == OpKind::transfer ? 1 + static_cast<std::size_t>(op.channel) : 0;
    users[op.gpu * (1 + kChannels) + place].push_back(id);
  }
  for (std::vector<OpId>& list : users) {
    std::sort(list.begin(), list.end(), [&](OpId a, OpId b) {
      const Ps x = execution.ops[a].issued, y = execution.ops[b].issued;
      return x != y ? x < y : a < b;
    });
    Ps left = 0;
    for (const OpId id : list) {
      const OpTiming& t = execution.ops[id];
      if (t.issued > left) result[id].stream = t.issued - left;
      if (t.done()) left = std::max(left, t.finished);
    }
  }
  return result;
}

}  // namespace ring
