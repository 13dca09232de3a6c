// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <filesystem>
#include <string>

#include "models/allmod/cost_report.h"
#include "models/ring/function/analysis.h"
#include "models/sme/results.h"
#include "models/system/job.h"
#include "models/system/platform.h"
#include "models/system/results.h"
#include "models/system/sme_units.h"
#include "sim/config/meta.h"

namespace platform {

using common::Cause;
using common::kCauses;
using common::kOperations;
using common::Operation;
using common::Ps;
using nlohmann::ordered_json;
using sim::app::KeyText;
using sim::config::number_text;

namespace {

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json sme_json(const Platform& p) {
  ordered_json json;
  sme::LayerTotals all;
  std::uint64_t checked = 0, mismatches = 0;
  double area = 0;
  ordered_json units = ordered_json::array();
  if (p.sme != nullptr) {
    for (const SmeUnits::Unit& unit : p.sme->units()) {
      sme::LayerTotals t;
      for (std::uint32_t l = 0; l < unit.chip->maps().size(); ++l) {
        sme::LayerTotals layer = sme::totals_of(*unit.chip->maps()[l]);
        layer.activity.add(unit.chip->layer_activity(l));
        t.add(layer);
      }
      t.products = unit.channel->products();
      t.macs = unit.channel->macs();
      ordered_json one;
      one["name"] = unit.chip->chip_name();
      sme::put(one, t, p.sme->cost());
      one["area_mm2"] = p.sme->cost().chip_mm2();
      one["busy_s"] = seconds(unit.channel->busy());
      one["rounds"] = unit.chip->placement().rounds.size();
      one["checked"] = unit.channel->checked();
      one["mismatches"] = unit.channel->mismatches();
      units.push_back(std::move(one));
      all.add(t);
      checked += unit.channel->checked();
      mismatches += unit.channel->mismatches();
      area += p.sme->cost().chip_mm2();
    }
  }
  const bool used = p.sme != nullptr;
  sme::put(json, all, p.sme != nullptr ? p.sme->cost() : sme::CostTable{});
  json["area_mm2"] = used ? ordered_json(area) : ordered_json(nullptr);
  json["checked"] = checked;
  json["mismatches"] = mismatches;
  if (!used) {
    for (auto& item : json.items()) item.value() = nullptr;
  }
  json["units"] = std::move(units);
  return json;
}

ordered_json allmod_json(const Platform& p, const Settings& settings) {
  ordered_json json;
  json["n"] = nullptr;
  if (p.allmod == nullptr) {
    for (const char* key :
         {"n", "form", "reductions", "mismatches", "latency_cycles", "ii_cycles", "lut_sites", "ff", "bram36",
          "fmax_mhz", "throughput_per_cycle", "area_efficiency", "extra_adjustments", "literal_errors",
          "outputs", "wrong_outputs"}) {
      json[key] = nullptr;
    }
    json["units"] = ordered_json::array();
    return json;
  }
  const allmod::Datapath& datapath = p.allmod->units().front().unit->datapath();
  std::uint64_t reductions = 0, mismatches = 0, outputs = 0, wrong = 0, extra = 0;
  sim::Cycle busy = 0;
  ordered_json units = ordered_json::array();
  for (const AllmodUnits::Unit& unit : p.allmod->units()) {
    const AllmodChannel& c = *unit.channel;
    units.push_back({{"name", unit.unit->unit_name()},
                     {"reductions", c.reductions()},
                     {"mismatches", c.mismatches()},
                     {"busy_s", seconds(c.busy())},
                     {"lanes", unit.unit->lanes()}});
    reductions += c.reductions();
    mismatches += c.mismatches();
    outputs += c.outputs();
    wrong += c.wrong_outputs();
    extra += unit.unit->counters().extra_adjustments;
    busy += unit.unit->busy_cycles();
  }
  const bool checked = settings.fidelity.value == Value::checked;
  json["n"] = datapath.design().n;
  json["form"] = allmod::form_word(datapath.design().form);
  json["reductions"] = reductions;
  json["mismatches"] = checked ? ordered_json(mismatches) : ordered_json(nullptr);
  json["latency_cycles"] = datapath.latency();
  json["ii_cycles"] = datapath.ii();
  const allmod::CostReport cost(settings.allmod, datapath);
  cost.headline(json);
  json["throughput_per_cycle"] =
      busy == 0 ? ordered_json(nullptr)
                : ordered_json(static_cast<double>(reductions) / static_cast<double>(busy));
  json["area_efficiency"] = cost.area_efficiency();
  json["extra_adjustments"] = checked ? ordered_json(extra) : ordered_json(nullptr);
  json["literal_errors"] = nullptr;
  json["outputs"] = outputs;
  json["wrong_outputs"] = wrong;
  json["units"] = std::move(units);
  return json;
}

ordered_json prefill_json(const Platform& p, const Settings& settings) {
  if (!p.prefill.complete) return nullptr;
  const common::TokenTimes& t = p.prefill.times;
  const double all = seconds(t.end - t.begin);
  ordered_json json = {{"time_s", all},
                       {"schedule", nullptr},
                       {"gpus", 1},
                       {"seq_len", p.survey.prompt_tokens},
                       {"layers", p.survey.layers},
                       {"attention_s", nullptr},
                       {"gemm_s", nullptr},
                       {"encode_s", nullptr},
                       {"exposed_comm_s", nullptr},
                       {"store_s", seconds(t.operations[static_cast<std::size_t>(Operation::kv_append)])},
                       {"energy_j", nullptr},
                       {"energy_links_j", or_null(links_j(p))}};
  if (p.ring == nullptr || !p.ring->finished()) return json;
  const PrefillPlan& plan = p.ring->plan();
  double attention = 0;
  for (unsigned l = 0; l < p.survey.layers; ++l) attention += seconds(plan.slice(p.ring->execution(), l).end);
  const ring::Analysis a =
      ring::analyse(plan.attention.graph, plan.slice(p.ring->execution(), 0), plan.attention.steps);
  json["schedule"] = settings.ring.schedule_word();
  json["gpus"] = plan.graph.gpus;
  json["attention_s"] = attention;
  json["gemm_s"] = seconds(plan.products_ps) * p.survey.layers;
  common::Ps encode = 0;
  for (const ring::OpId op : plan.encodes) encode += plan.graph.ops[op].duration;
  json["encode_s"] = seconds(encode) / plan.graph.gpus;
  json["exposed_comm_s"] = seconds(a.critical.exposed) * p.survey.layers;
  return json;
}

ordered_json encrypted_json(const EncryptedLayer& e) {
  return {{"layer", e.layer},
          {"parts", e.parts},
          {"multiplications", e.multiplications},
          {"layer_multiplications", or_null(e.layer_multiplications)},
          {"sampled_share", or_null(e.share)},
          {"time_s", or_null(e.time_s)},
          {"time_int8_s", or_null(e.time_int8_s)},
          {"time_int4_s", or_null(e.time_int4_s)},
          {"time_per_token_s", or_null(e.time_per_token_s)},
          {"least_time_s", or_null(e.least_time_s)},
          {"energy_j", nullptr},
          {"checked", e.checked},
          {"mismatches", e.mismatches},
          {"extrapolated", true}};
}

}  // namespace

void SystemJob::summary(ordered_json& keys) {
  const Platform& p = *platform_;
  const TraceSurvey& t = p.survey;
  const Totals totals = totals_of(p);
  const double n = totals.tokens == 0 ? 1 : static_cast<double>(totals.tokens);
  const bool any = totals.tokens > 0;

  keys["trace"] = {{"file", std::filesystem::path(t.file).filename().string()},
                   {"model", t.model},
                   {"device", t.device},
                   {"layers", t.layers},
                   {"tokens", t.tokens},
                   {"context_tokens", t.context_tokens},
                   {"synthetic", t.synthetic}};
  keys["config"] = {{"gemv", word(settings_.map.gemv)},
                    {"precision", word(settings_.precision)},
                    {"kv", word(settings_.kv)},
                    {"kv_cache", word(settings_.kv_cache)},
                    {"prefill", settings_.prefills() ? settings_.ring.schedule_word() : "none"},
                    {"encrypted", settings_.encrypts() ? "allmod" : "none"},
                    {"compute", word(settings_.gpu.compute)},
                    {"detail", word(settings_.fidelity.detail)}};
  keys["tokens"] = totals.tokens;
  const auto mean = [&](double value) { return any ? ordered_json(value / n) : ordered_json(nullptr); };
  keys["time_per_token_s"] = mean(seconds(totals.duration));
  keys["tokens_per_s"] =
      any && totals.duration > 0 ? ordered_json(n / seconds(totals.duration)) : ordered_json(nullptr);
  ordered_json breakdown, operations;
  for (const Cause c : kTokenCauses)
    breakdown[common::name(c)] = mean(seconds(totals.causes[static_cast<std::size_t>(c)]));
  for (const Operation o : kTokenOperations) {
    operations[common::name(o)] = mean(seconds(totals.operations[static_cast<std::size_t>(o)]));
  }
  keys["breakdown_s"] = breakdown;
  keys["operations_s"] = operations;

  const Energy energy = energy_of(settings_, totals.account, totals.duration);
  const auto total = energy.total();
  keys["energy_per_token_j"] = any && total ? ordered_json(*total / n) : ordered_json(nullptr);
  ordered_json parts, contained = ordered_json::array();
  for (const auto& [name, value] : energy.parts) {
    parts[name] = any && value ? ordered_json(*value / n) : ordered_json(nullptr);
    if (energy.contained(name)) contained.push_back(name);
  }
  keys["energy_j"] = parts;
  keys["energy_known_j"] = any ? ordered_json(energy.known() / n) : ordered_json(nullptr);
  keys["energy_missing"] = energy.missing();
  keys["energy_contained"] = contained;
  keys["int4_share"] = totals.account.weights == 0
                           ? ordered_json(nullptr)
                           : ordered_json(static_cast<double>(totals.account.int4_weights) /
                                          static_cast<double>(totals.account.weights));
  keys["prefill"] = prefill_json(p, settings_);
  keys["sme"] = sme_json(p);
  keys["allmod"] = allmod_json(p, settings_);
  ordered_json cluster;
  if (p.ring != nullptr && p.ring->finished()) {
    put_ring(cluster, *p.ring, settings_);
  } else {
    for (const char* key : {"schedule", "gpus", "seq_len", "time_s", "step_times_s", "exposed_comm_s",
                            "bytes_sent_per_gpu", "packets", "max_link_utilisation", "output_max_error",
                            "compute_imbalance", "tokens_per_s", "level"}) {
      cluster[key] = nullptr;
    }
    cluster["units"] = ordered_json::array();
  }
  keys["ring"] = std::move(cluster);
  const double length = seconds(p.end);
  ordered_json gpu;
  gpu["commands"] = p.gpu->kernels();
  gpu["busy_s"] = seconds(p.gpu->busy());
  gpu["waited_for_hbm_s"] = seconds(p.gpu->waited_for_memory());
  gpu["bytes"] = p.gpu->bytes();
  gpu["units"] = ordered_json::array({{{"name", p.gpu->gpu_name()}, {"busy_s", seconds(p.gpu->busy())}}});
  keys["gpu"] = gpu;
  ordered_json hbm;
  hbm["bytes_read"] = p.hbm.bytes_read();
  hbm["bytes_written"] = p.hbm.bytes_written();
  hbm["peak_bytes_per_s"] = p.hbm.config().peak_bytes_per_s();
  hbm["utilisation"] = length > 0 ? ordered_json(seconds(p.hbm.busy()) / length) : ordered_json(nullptr);
  hbm["row_hit_share"] = settings_.fast() ? ordered_json(nullptr) : ordered_json(p.hbm.row_hit_share());
  hbm["units"] = ordered_json::array(
      {{{"name", p.hbm.name()}, {"requests", p.hbm.requests()}, {"waited_s", seconds(p.hbm.waited())}}});
  keys["hbm"] = hbm;
  keys["bus"] = {
      {"transactions", p.link.transfers()}, {"bytes", p.link.bytes()}, {"busy_s", seconds(p.link.busy())}};
  ordered_json waits = ordered_json::array();
  waits.push_back(
      {{"unit", "gpu0"}, {"waits_for", "hbm0"}, {"seconds", seconds(p.gpu->waited_for_memory())}});
  waits.push_back({{"unit", "host"}, {"waits_for", "bus"}, {"seconds", seconds(p.link.waited())}});
  keys["waits"] = waits;
  const auto encrypted = encrypted_of(p, totals);
  keys["encrypted"] = encrypted ? encrypted_json(*encrypted) : ordered_json(nullptr);
  const double share = p.region.share();
  keys["sampled_share"] = share;
  keys["extrapolated"] = ordered_json::array();
  if (encrypted) {
    keys["extrapolated"] = {"encrypted.layer_multiplications", "encrypted.time_s",
                            "encrypted.time_int8_s",           "encrypted.time_int4_s",
                            "encrypted.time_per_token_s",      "encrypted.least_time_s"};
  }
  std::uint64_t served = 0;
  ordered_json by_kind;
  for (const Operation o : kTokenOperations) {
    if (o == Operation::other) continue;
    by_kind[common::name(o)] = p.commands->records(o);
    served += p.commands->records(o);
  }
  by_kind["encrypted"] = p.commands->records(Operation::encrypted);
  by_kind["prefill"] = p.commands->records(Operation::prefill);
  served += p.commands->records(Operation::encrypted) + p.commands->records(Operation::prefill);
  keys["records"] = {{"served", served}, {"skipped", p.commands->skipped()}, {"by_kind", by_kind}};
}

std::vector<KeyText> SystemJob::summary_keys() {
  return {
      {"trace", "", "what was played: file, model, device, layers, tokens, context_tokens, synthetic"},
      {"config", "",
       "words of the variant: gemv, precision, kv, kv_cache, prefill, encrypted, compute, detail"},
      {"tokens", "token", "decoded tokens that were measured"},
      {"time_per_token_s", "s", "from the end of the token before to the token's own"},
      {"tokens_per_s", "token/s", "its inverse"},
      {"breakdown_s", "s",
       "whom the token waited for, along its chain of commands; adds up to time_per_token_s"},
      {"operations_s", "s", "what was done along that chain; adds up to time_per_token_s"},
      {"energy_per_token_j", "J", "null where a component that worked has no sourced figure"},
      {"energy_j", "J", "of a token by component; null: no sourced figure"},
      {"energy_known_j", "J", "of a token: components that have a figure"},
      {"energy_missing", "", "components that have none"},
      {"energy_contained", "", "components whose energy another one's figure contains"},
      {"int4_share", "", "of the weight elements that products read"},
      {"prefill", "", "the prompt; null where it was not played"},
      {"sme", "", "chips: keys of model sme, checked, mismatches, units"},
      {"allmod", "", "keys of model allmod, units"},
      {"ring", "", "keys of model ring, units"},
      {"gpu", "", "decoding on the GPU: commands, busy_s, waited_for_hbm_s, bytes, units"},
      {"hbm", "", "bytes_read, bytes_written, peak_bytes_per_s, utilisation, row_hit_share, units"},
      {"bus", "", "the host's link: transactions, bytes, busy_s"},
      {"waits", "", "who waited for whom: unit, waits_for, seconds"},
      {"encrypted", "", "the encrypted layer, charted apart; null without"},
      {"sampled_share", "", "measured tokens / tokens of the trace"},
      {"extrapolated", "", "keys that are scaled"},
      {"records", "record", "of the trace: served, skipped, by_kind"},
  };
}

}  // namespace platform
