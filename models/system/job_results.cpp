// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>

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

double seconds(Ps ps) { return static_cast<double>(ps) * 1e-12; }

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

constexpr Cause kTokenCauses[] = {Cause::gpu, Cause::hbm,   Cause::sme, Cause::allmod,
                                  Cause::bus, Cause::queue, Cause::host};
constexpr Operation kTokenOperations[] = {Operation::qkv_proj,  Operation::o_proj,  Operation::gate_up_proj,
                                          Operation::down_proj, Operation::lm_head, Operation::kv_append,
                                          Operation::attention, Operation::other};

std::string csv(const std::optional<double>& value) { return value ? number_text(*value) : std::string(); }

}  // namespace

std::optional<double> Energy::total() const {
  if (!missing().empty()) return std::nullopt;
  return known();
}

double Energy::known() const {
  double sum = 0;
  for (const auto& [name, value] : parts) {
    if (value && !contained(name)) sum += *value;
  }
  return sum;
}

bool Energy::contained(const std::string& name) const {
  return name == "hbm" && parts.front().second.has_value();  // the board's power has the memory's
}

std::vector<std::string> Energy::missing() const {
  std::vector<std::string> list;
  for (const auto& [name, value] : parts) {
    if (!value && !contained(name)) list.push_back(name);
  }
  return list;
}

Energy energy_of(const Settings& s, const common::Account& account, Ps duration) {
  Energy e;
  std::optional<double> gpu;
  if (!s.gpu.power_w.is_auto() && !s.gpu.idle_w.is_auto()) {
    const Ps busy = std::min(account.gpu_busy, duration);
    gpu = seconds(busy) * *s.gpu.power_w.value + seconds(duration - busy) * *s.gpu.idle_w.value;
  }
  const auto of_bits = [](std::uint64_t bytes, const sim::config::Auto<double>& pj) -> std::optional<double> {
    if (bytes == 0) return 0.0;
    if (pj.is_auto()) return std::nullopt;
    return static_cast<double>(bytes) * 8 * *pj.value * 1e-12;
  };
  e.parts = {{"gpu", gpu},
             {"hbm", of_bits(account.hbm_bytes, s.hbm.pj_per_bit)},
             {"sme", account.sme_j},
             {"bus", of_bits(account.bus_bytes, s.bus.pj_per_bit)}};
  return e;
}

Totals totals_of(const Platform& p) {
  Totals t;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    if (!p.tokens[i].complete || !p.commands->tokens()[i].measured) continue;
    ++t.tokens;
    t.duration += p.tokens[i].times.end - p.tokens[i].times.begin;
    for (std::size_t c = 0; c < kCauses; ++c) t.causes[c] += p.tokens[i].times.causes[c];
    for (std::size_t o = 0; o < kOperations; ++o) t.operations[o] += p.tokens[i].times.operations[o];
    t.account.add(p.tokens[i].account);
    t.last_index = p.commands->tokens()[i].index;
  }
  return t;
}

namespace {

ordered_json sme_json(const Platform& p, const Totals& totals) {
  ordered_json json;
  sme::LayerTotals all;
  std::uint64_t products = 0, macs = 0, checked = 0, mismatches = 0;
  double area = 0, energy = 0;
  ordered_json units = ordered_json::array();
  if (p.sme != nullptr) {
    for (const SmeUnits::Unit& unit : p.sme->units()) {
      sme::LayerTotals t;
      for (std::uint32_t l = 0; l < unit.chip->maps().size(); ++l) {
        sme::LayerTotals layer = sme::totals_of(*unit.chip->maps()[l]);
        for (const sme::LayerWork* work : unit.chip->works(l)) layer.activity.add(unit.chip->counted(*work));
        t.add(layer);
      }
      t.products = unit.channel->products();
      t.macs = unit.channel->macs();
      ordered_json one;
      one["name"] = unit.chip->name();
      sme::put(one, t, p.sme->cost());
      one["area_mm2"] = p.sme->cost().chip_mm2();
      one["busy_s"] = seconds(unit.channel->busy());
      one["rounds"] = unit.chip->placement().rounds.size();
      one["checked"] = unit.channel->checked();
      one["mismatches"] = unit.channel->mismatches();
      units.push_back(std::move(one));
      all.add(t);
      products += t.products;
      macs += t.macs;
      checked += unit.channel->checked();
      mismatches += unit.channel->mismatches();
      area += p.sme->cost().chip_mm2();
      energy += unit.channel->energy_j();
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
  (void)totals;
  (void)energy;
  json["units"] = std::move(units);
  return json;
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
                    {"prefill", "none"},
                    {"encrypted", "none"},
                    {"compute", word(settings_.gpu.compute)}};
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
  if (p.prefill.complete) {
    keys["prefill"] = {{"time_s", seconds(p.prefill.times.end - p.prefill.times.begin)},
                       {"schedule", nullptr},
                       {"gpus", 1},
                       {"seq_len", t.prompt_tokens},
                       {"layers", t.layers},
                       {"attention_s", nullptr},
                       {"gemm_s", nullptr},
                       {"encode_s", seconds(p.prefill.times.end - p.prefill.times.begin)},
                       {"exposed_comm_s", nullptr},
                       {"energy_j", nullptr}};
  } else {
    keys["prefill"] = nullptr;
  }
  keys["sme"] = sme_json(p, totals);
  keys["allmod"] = {{"units", ordered_json::array()}};
  keys["ring"] = {{"units", ordered_json::array()}};
  const double length = seconds(p.end);
  ordered_json gpu;
  gpu["commands"] = p.gpu.kernels();
  gpu["busy_s"] = seconds(p.gpu.busy());
  gpu["waited_for_hbm_s"] = seconds(p.gpu.waited_for_memory());
  gpu["bytes"] = p.gpu.bytes();
  gpu["units"] = ordered_json::array({{{"name", p.gpu.name()}, {"busy_s", seconds(p.gpu.busy())}}});
  keys["gpu"] = gpu;
  ordered_json hbm;
  hbm["bytes_read"] = p.hbm.bytes_read();
  hbm["bytes_written"] = p.hbm.bytes_written();
  hbm["peak_bytes_per_s"] = p.hbm.config().peak_bytes_per_s();
  hbm["utilisation"] = length > 0 ? ordered_json(seconds(p.hbm.busy()) / length) : ordered_json(nullptr);
  hbm["row_hit_share"] = p.hbm.row_hit_share();
  hbm["units"] = ordered_json::array(
      {{{"name", p.hbm.name()}, {"requests", p.hbm.requests()}, {"waited_s", seconds(p.hbm.waited())}}});
  keys["hbm"] = hbm;
  keys["bus"] = {
      {"transactions", p.link.transfers()}, {"bytes", p.link.bytes()}, {"busy_s", seconds(p.link.busy())}};
  ordered_json waits = ordered_json::array();
  waits.push_back({{"unit", "gpu0"}, {"waits_for", "hbm0"}, {"seconds", seconds(p.gpu.waited_for_memory())}});
  waits.push_back({{"unit", "host"}, {"waits_for", "bus"}, {"seconds", seconds(p.link.waited())}});
  keys["waits"] = waits;
  keys["encrypted"] = nullptr;
  const double share = p.region.share();
  keys["sampled_share"] = share;
  keys["extrapolated"] = ordered_json::array();
  std::uint64_t served = 0;
  ordered_json by_kind;
  for (const Operation o : kTokenOperations) {
    if (o == Operation::other) continue;
    by_kind[common::name(o)] = p.commands->records(o);
    served += p.commands->records(o);
  }
  keys["records"] = {{"served", served}, {"skipped", p.commands->skipped()}, {"by_kind", by_kind}};
}

std::vector<KeyText> SystemJob::summary_keys() {
  return {
      {"trace", "", "what was played: file, model, device, layers, tokens, context_tokens, synthetic"},
      {"config", "", "words of the variant: gemv, precision, kv, kv_cache, prefill, encrypted, compute"},
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

void SystemJob::summary_text(std::ostream& out) {
  const Platform& p = *platform_;
  const Totals totals = totals_of(p);
  const auto line = [&out](const char* name, const std::string& text) {
    out << "  " << std::left << std::setw(20) << name << text << "\n";
  };
  const auto fixed = [](double value, int digits) {
    std::ostringstream text;
    text << std::setprecision(digits) << value;
    return text.str();
  };
  line("trace", p.survey.model + ", " + std::to_string(p.survey.layers) + " layers, context of " +
                    std::to_string(p.survey.context_tokens) + " tokens" +
                    (p.survey.synthetic ? "; SYNTHETIC weights: times and traffic only" : ""));
  line("platform", std::string("products on ") +
                       (p.sme == nullptr ? "the GPU"
                                         : std::to_string(p.sme->units().size()) + " SME chip" +
                                               (p.sme->units().size() == 1 ? "" : "s")) +
                       ", weights " + word(settings_.precision) + ", cache " + word(settings_.kv) +
                       ", GPU times " + word(settings_.gpu.compute));
  if (totals.tokens == 0) {
    line("tokens", "none complete");
    return;
  }
  const double n = static_cast<double>(totals.tokens);
  line("tokens",
       std::to_string(totals.tokens) + ", " + fixed(seconds(totals.duration) / n * 1e3, 6) + " ms a token");
  std::string text;
  for (const Cause c : kTokenCauses) {
    const Ps ps = totals.causes[static_cast<std::size_t>(c)];
    if (ps == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(common::name(c)) + " " +
            fixed(100 * static_cast<double>(ps) / static_cast<double>(totals.duration), 3) + " %";
  }
  line("waited for", text);
  text.clear();
  for (const Operation o : kTokenOperations) {
    const Ps ps = totals.operations[static_cast<std::size_t>(o)];
    if (ps == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(common::name(o)) + " " +
            fixed(100 * static_cast<double>(ps) / static_cast<double>(totals.duration), 3) + " %";
  }
  line("operations", text);
  const Energy energy = energy_of(settings_, totals.account, totals.duration);
  text.clear();
  for (const auto& [name, value] : energy.parts) {
    text += (text.empty() ? "" : ", ") + name + " " +
            (value ? fixed(*value / n * 1e3, 4) + " mJ" : std::string("no figure"));
    if (energy.contained(name)) text += " (in gpu)";
  }
  line("energy a token",
       text + (energy.total() ? "; total " + fixed(*energy.total() / n * 1e3, 4) + " mJ" : "; INCOMPLETE"));
  if (p.sme != nullptr) {
    std::uint64_t checked = 0, wrong = 0;
    for (const SmeUnits::Unit& unit : p.sme->units()) {
      checked += unit.channel->checked();
      wrong += unit.channel->mismatches();
    }
    line("values", settings_.fidelity.value == Value::checked
                       ? std::to_string(checked - wrong) + " of " + std::to_string(checked) +
                             " products with activations equal the trace's digests"
                       : "not computed (fidelity.value: timing)");
  }
  line("memory", fixed(static_cast<double>(totals.account.hbm_bytes) / n * 1e-9, 4) +
                     " GB a token, rows open " + fixed(100 * p.hbm.row_hit_share(), 4) + " %");
}

void SystemJob::artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) {
  const Platform& p = *platform_;
  std::ofstream out(run_dir / "tokens.csv");
  out << "index,position,bits,int4_share,time_s";
  for (const Cause c : kTokenCauses) out << ",wait_" << common::name(c) << "_s";
  for (const Operation o : kTokenOperations) out << ",op_" << common::name(o) << "_s";
  out << ",energy_gpu_j,energy_hbm_j,energy_sme_j,energy_bus_j,macs,weight_bytes,kv_bytes\n";
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    const TokenResult& token = p.tokens[i];
    const TokenInfo& info = p.commands->tokens()[i];
    if (!token.complete || !info.measured) continue;
    const Ps duration = token.times.end - token.times.begin;
    const double share = token.account.weights == 0 ? 0
                                                    : static_cast<double>(token.account.int4_weights) /
                                                          static_cast<double>(token.account.weights);
    out << info.index << "," << info.position << "," << info.bits << "," << number_text(share) << ","
        << number_text(seconds(duration));
    for (const Cause c : kTokenCauses)
      out << "," << number_text(seconds(token.times.causes[static_cast<std::size_t>(c)]));
    for (const Operation o : kTokenOperations) {
      out << "," << number_text(seconds(token.times.operations[static_cast<std::size_t>(o)]));
    }
    for (const auto& [name, value] : energy_of(settings_, token.account, duration).parts)
      out << "," << csv(value);
    out << "," << token.account.macs << "," << token.account.weight_bytes << "," << token.account.kv_bytes
        << "\n";
  }
  list.push_back({"tokens.csv", "each token: bits, time, whom it waited for, energy"});
}

}  // namespace platform
