// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/op_timeline.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace ring {
namespace {

std::string gpu(unsigned index) { return "gpu" + std::to_string(index); }

// Viewers show tracks in the order in which they were named: GPU after GPU, what it computes, sends, receives
// and waits for. Those without an event are not shown.
void name_tracks(const OpGraph& graph, sim::record::Recorder& recorder) {
  std::set<unsigned> gpus;
  std::map<unsigned, std::string> channels;  // by number
  for (const Op& op : graph.ops) {
    gpus.insert(op.gpu);
    if (op.kind != OpKind::transfer) continue;
    gpus.insert(op.peer);
    channels.emplace(static_cast<unsigned>(op.channel), word(op.channel));
  }
  for (const unsigned g : gpus) {
    recorder.track(gpu(g) + "/SM");
    for (const auto& [number, channel] : channels) {
      recorder.track(gpu(g) + "/send " + channel);
      recorder.track(gpu(g) + "/receive " + channel);
    }
    recorder.track(gpu(g) + "/waits");
  }
}

}  // namespace

void record_timeline(const OpGraph& graph, const Execution& execution, sim::record::Recorder& recorder) {
  std::vector<OpId> order;
  for (OpId op = 0; op < graph.size(); ++op) {
    if (graph.ops[op].kind != OpKind::join && execution.ops[op].started != OpTiming::kNever)
      order.push_back(op);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](OpId a, OpId b) { return execution.ops[a].started < execution.ops[b].started; });
  std::map<std::string, sim::record::NameId> names;
  const auto name = [&](const std::string& text) {
    const auto at = names.find(text);
    return at != names.end() ? at->second : names.emplace(text, recorder.name(text)).first->second;
  };
  name_tracks(graph, recorder);
  for (const OpId id : order) {
    const Op& op = graph.ops[id];
    const OpTiming& t = execution.ops[id];
    const sim::Cycle begin = t.started / 1000;
    const sim::Cycle end = std::max(begin + 1, ((t.done() ? t.finished : execution.end) + 999) / 1000);
    std::string text = op.kind == OpKind::transfer ? word(op.channel) : word(op.kind);
    if (id < graph.names.size() && !graph.names[id].empty()) {
      text = graph.names[id];
    } else {
      text += " of step " + std::to_string(op.step);
    }
    if (t.started > t.issued + 999) {
      recorder.span(recorder.track(gpu(op.gpu) + "/waits"),
                    name(op.kind == OpKind::transfer ? "engines taken" : "SMs taken"), t.issued / 1000, begin,
                    id + 1);
    }
    if (op.kind != OpKind::transfer) {
      recorder.span(recorder.track(gpu(op.gpu) + "/SM"), name(text), begin, end, id + 1);
      continue;
    }
    const std::string channel = word(op.channel);
    const auto from = recorder.track(gpu(op.gpu) + "/send " + channel);
    const auto to = recorder.track(gpu(op.peer) + "/receive " + channel);
    recorder.span(from, name(text + " to " + gpu(op.peer)), begin, end, id + 1);
    recorder.flow_begin(from, name("message"), begin, id + 1);
    recorder.span(to, name(text + " from " + gpu(op.gpu)), begin, end, id + 1);
    recorder.flow_end(to, name("message"), end - 1, id + 1);
    // Sums over its packets, drawn one after the other from its start.
    sim::Cycle at = begin;
    for (const auto& [why, ps] : {std::pair{"link busy", t.waited_link},
                                  {"port limit", t.waited_port},
                                  {"no credit", t.waited_credit}}) {
      if (ps < 1000) continue;
      recorder.span(recorder.track(gpu(op.gpu) + "/waits"), name(why), at, at + ps / 1000, id + 1);
      at += ps / 1000;
    }
  }
}

}  // namespace ring
