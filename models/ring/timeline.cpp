// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/timeline.h"

#include <algorithm>
#include <string>

namespace ring {

ClusterTimeline::ClusterTimeline(const OpGraph& graph, sim::record::Recorder& recorder)
    : graph_(graph), recorder_(recorder) {
  for (unsigned gpu = 0; gpu < graph.gpus; ++gpu) {
    const std::string unit = "gpu" + std::to_string(gpu) + "/";
    rows_.push_back({recorder.track(unit + "kernels"), recorder.track(unit + "send"),
                     recorder.track(unit + "receive"), recorder.track(unit + "waits")});
  }
  for (const Op& op : graph.ops) {
    if (op.kind == OpKind::join) continue;
    const auto key = std::make_tuple(static_cast<int>(op.kind), static_cast<int>(op.channel), op.step);
    if (names_.count(key) > 0) continue;
    const std::string what = op.kind == OpKind::transfer ? word(op.channel) : word(op.kind);
    names_[key] = recorder.name(what + " " + std::to_string(op.step));
  }
  engine_ = recorder.name("engine busy");
  sms_ = recorder.name("SMs busy");
  link_ = recorder.name("link busy");
  port_ = recorder.name("port busy");
  credit_ = recorder.name("no credit");
  message_ = recorder.name("message");
}

sim::record::NameId ClusterTimeline::name(const Op& op) const {
  return names_.at(std::make_tuple(static_cast<int>(op.kind), static_cast<int>(op.channel), op.step));
}

void ClusterTimeline::finished(OpId id, const OpTiming& t) {
  const Op& op = graph_.ops[id];
  const Rows& rows = rows_[op.gpu];
  const sim::record::NameId text = name(op);
  const std::uint64_t number = std::uint64_t{id} + 1;
  const bool transfer = op.kind == OpKind::transfer;
  if (t.started > t.issued)
    recorder_.span(rows.waits, transfer ? engine_ : sms_, t.issued, t.started, number);
  recorder_.span(transfer ? rows.send : rows.kernels, text, t.started, t.finished, number);
  if (!transfer) return;
  recorder_.flow_begin(rows.send, message_, t.started, number);
  // Where it arrived: a span of no more than the last nanosecond, so that the arrow has an end.
  const Rows& there = rows_[op.peer];
  const Ps begin = std::max(t.started, t.finished - std::min<Ps>(t.finished, 1000));
  recorder_.span(there.receive, text, begin, t.finished, number);
  recorder_.flow_end(there.receive, message_, begin, number);
  // Sums over its packets, drawn one after the other from the moment it got its engine.
  Ps at = t.started;
  const auto wait = [&](sim::record::NameId why, Ps length) {
    if (length > 0) recorder_.span(rows.waits, why, at, at + length, number);
    at += length;
  };
  wait(link_, t.waited_link);
  wait(port_, t.waited_port);
  wait(credit_, t.waited_credit);
}

}  // namespace ring
