// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/prefill.h"

#include <algorithm>
#include <cmath>

#include "models/ring/closed_form.h"
#include "models/ring/function/path_executor.h"
#include "models/system/decode_model.h"
#include "traces/io/records.h"

namespace platform {

using common::Ps;
using ring::Op;
using ring::OpId;
using ring::OpKind;

namespace {

Ps products(const Settings& s, std::uint64_t tokens, double weights) {
  return static_cast<Ps>(
      std::ceil(2.0 * static_cast<double>(tokens) * weights / (s.gpu.prefill_tops * s.gpu.prefill_share)));
}

Op kernel(std::uint32_t gpu, Ps duration, double launch_us) {
  Op op;
  op.gpu = op.peer = gpu;
  op.duration = duration;
  op.launch_ps = static_cast<std::uint32_t>(std::llround(launch_us * 1e6));
  op.kind = OpKind::compute;
  return op;
}

}  // namespace

PrefillPlan::PrefillPlan(const Settings& s)
    : network(s.ring.built),
      schedule(ring::make_schedule(s.ring.options(network->fabric.gpus))),
      problem(s.ring.problem(*schedule)),
      block(s.ring.block_model(problem)),
      attention(
          ring::make_plan(*schedule, s.ring.options(network->fabric.gpus), problem, s.ring.costs(*block))),
      hardware(s.ring.hardware(network->fabric)) {
  graph.gpus = attention.graph.gpus;
  std::vector<OpId> behind(graph.gpus, ring::kNoOp);
  for (unsigned layer = 0; layer < s.survey->layers; ++layer) add_layer(s, layer, behind);
  ring::check(graph);
}

void PrefillPlan::add_layer(const Settings& s, unsigned layer, std::vector<OpId>& behind) {
  const unsigned gpus = graph.gpus;
  const std::uint64_t share = (problem.seq_len + gpus - 1) / gpus;
  double first = 0, others = 0;  // weights
  for (const auto& [key, shape] : s.survey->shapes) {
    if (key.first != layer) continue;
    (key.second == tricycle::trace::QKV_PROJ ? first : others) +=
        static_cast<double>(shape.first) * shape.second;
  }
  const DecodeModel model(s, *s.survey);
  const double launch = s.gpu.card.kernel_launch_us;
  const bool pq = s.kv == ring::KvFormat::pq;
  products_ps = products(s, share, first) + products(s, share, others);

  std::vector<OpId> ready(gpus), kept(gpus);
  for (unsigned g = 0; g < gpus; ++g) {
    ready[g] = kept[g] =
        graph.add(kernel(g, products(s, share, first), launch), std::vector<OpId>{behind[g]});
    before.push_back(ready[g]);
  }
  const auto begin = static_cast<OpId>(graph.size());
  attention_begin.push_back(begin);
  std::vector<std::vector<OpId>> of_gpu(gpus);
  for (OpId op = 0; op < attention.graph.size(); ++op) {
    const Op& from = attention.graph.ops[op];
    std::vector<OpId> waits_for = {ready[from.gpu]};
    for (const OpId* dep = attention.graph.deps_begin(op); dep != attention.graph.deps_end(op); ++dep) {
      waits_for.push_back(begin + *dep);
    }
    const OpId id = graph.add(from, waits_for);
    of_gpu[from.gpu].push_back(id);
    if (from.peer != from.gpu) of_gpu[from.peer].push_back(id);
  }
  for (unsigned g = 0; g < gpus; ++g) {
    behind[g] = graph.add(kernel(g, products(s, share, others), launch), of_gpu[g]);
    // Keys and values behind the products, so that nothing of the prompt waits for them.
    if (pq) {
      kept[g] =
          graph.add(kernel(g, model.encode(layer, share, 0).duration, launch), std::vector<OpId>{behind[g]});
      encodes.push_back(kept[g]);
    }
    if (g == 0) continue;
    Op message;
    message.kind = OpKind::transfer;
    message.channel = ring::Channel::kv;
    message.gpu = g;
    message.peer = 0;
    message.bytes = pq ? model.code_bytes(share) : model.plain_bytes(share);
    message.launch_ps = static_cast<std::uint32_t>(std::llround(s.gpu.card.message_launch_us * 1e6));
    kv_messages.push_back(graph.add(message, std::vector<OpId>{pq ? kept[g] : behind[g]}));
  }
}

ring::Execution PrefillPlan::formula() const {
  const auto layers = static_cast<unsigned>(attention_begin.size());
  const unsigned senders = graph.gpus - 1;
  const auto lasts = [](const ring::OpGraph& g, const ring::Execution& e, OpId op) {
    const Ps all = e.ops[op].finished - e.ops[op].started;
    return all > g.ops[op].launch_ps ? all - g.ops[op].launch_ps : 0;
  };
  ring::OpGraph cache;
  cache.gpus = graph.gpus;
  for (unsigned i = 0; i < senders; ++i) cache.add(graph.ops[kv_messages[i]], std::vector<OpId>{});
  const ring::Execution attended =
      ring::closed_form(attention.graph, network->fabric, *network->routes, hardware);
  const ring::Execution sent = ring::closed_form(cache, network->fabric, *network->routes, hardware);
  std::vector<Ps> durations(graph.size());
  for (OpId op = 0; op < graph.size(); ++op) durations[op] = graph.ops[op].duration;
  for (unsigned layer = 0; layer < layers; ++layer) {
    for (OpId op = 0; op < attention.graph.size(); ++op)
      durations[attention_begin[layer] + op] = lasts(attention.graph, attended, op);
    for (unsigned i = 0; i < senders; ++i)
      durations[kv_messages[std::size_t{layer} * senders + i]] = lasts(cache, sent, i);
  }
  // A GPU runs one kernel at a time: the next layer's products wait for the encoding, which was ready first.
  ring::OpGraph serial;
  serial.gpus = graph.gpus;
  for (OpId op = 0, first = 0; op < graph.size(); ++op) {
    std::vector<OpId> waits_for(graph.deps_begin(op), graph.deps_end(op));
    if (first < before.size() && before[first] == op) {
      if (!encodes.empty() && first >= graph.gpus) waits_for.push_back(encodes[first - graph.gpus]);
      ++first;
    }
    serial.add(graph.ops[op], waits_for);
  }
  ring::Execution all = ring::run_by_path(serial, [&](OpId op) { return durations[op]; });
  const auto add = [layers](std::vector<ring::LinkUse>& to, const std::vector<ring::LinkUse>& from) {
    to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      to[i].payload_bytes += from[i].payload_bytes * layers;
      to[i].wire_bytes += from[i].wire_bytes * layers;
      to[i].packets += from[i].packets * layers;
      to[i].busy += from[i].busy * layers;
    }
  };
  for (const ring::Execution* part : {&attended, &sent}) {
    add(all.links, part->links);
    add(all.egress, part->egress);
    add(all.ingress, part->ingress);
    all.packets += part->packets * layers;
  }
  return all;
}

ring::Execution PrefillPlan::slice(const ring::Execution& all, unsigned layer) const {
  Ps begin = 0;
  for (unsigned g = 0; g < graph.gpus; ++g)
    begin = std::max(begin, all.ops[before[layer * graph.gpus + g]].finished);
  ring::Execution part;
  for (OpId op = attention_begin[layer]; op < attention_begin[layer] + attention.graph.size(); ++op) {
    ring::OpTiming t = all.ops[op];
    const auto back = [begin](Ps at) {
      return at == ring::OpTiming::kNever ? at : at > begin ? at - begin : 0;
    };
    t.issued = back(t.issued);
    t.started = back(t.started);
    t.finished = back(t.finished);
    if (t.done()) part.end = std::max(part.end, t.finished);
    part.ops.push_back(t);
  }
  return part;
}

}  // namespace platform
