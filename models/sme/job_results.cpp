// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string>

#include "models/sme/job.h"
#include "models/sme/layers.h"
#include "models/sme/platform.h"
#include "models/sme/results.h"

namespace sme {

using nlohmann::ordered_json;

namespace {

template <class T>
ordered_json or_null(bool there, const T& value) {
  return there ? ordered_json(value) : ordered_json(nullptr);
}

}  // namespace

ordered_json energy_json(const CostTable& cost, const Activity& a) {
  ordered_json json;
  double total = 0;
  for (std::size_t c = 0; c < kComponents; ++c) {
    const double part = cost.energy_j(a, static_cast<Component>(c));
    json[name(static_cast<Component>(c))] = part;
    total += part;
  }
  json["total"] = total;
  return json;
}

void put(ordered_json& keys, const LayerTotals& t, const CostTable& cost) {
  keys["macs"] = t.macs;
  keys["gemvs"] = t.products;
  keys["crossbars_conventional"] = t.counts.conventional;
  keys["crossbars_bit_sliced"] = t.counts.bit_sliced;
  keys["crossbars_used"] = t.counts.used;
  keys["squeeze_degree"] = t.squeeze_degree;
  keys["empty_row_share_msb"] = or_null(t.rows > 0, t.rows > 0 ? t.empty_rows / t.rows : 0);
  keys["adc_clips"] = or_null(t.valued > 0, t.clips);
  keys["max_abs_error"] = or_null(t.outputs > 0, t.max_abs_error);
  keys["mean_abs_error"] =
      or_null(t.outputs > 0, t.outputs > 0 ? t.sum_abs_error / static_cast<double>(t.outputs) : 0);
  keys["energy_j"] = energy_json(cost, t.activity);
}

namespace {

void put_more(ordered_json& keys, const LayerTotals& t) {
  keys["rcmr_bytes"] = (t.rcmr_bits + 7) / 8;
  keys["crossbars_packed"] = t.counts.packed;
  keys["crossbars_allocated"] = t.allocated;
  keys["values_products"] = t.valued;
  keys["adc_conversions"] = or_null(t.valued > 0, t.conversions);
  keys["relative_error"] =
      or_null(t.sum_abs_exact > 0, t.sum_abs_exact > 0 ? t.sum_abs_error / t.sum_abs_exact : 0);
}

}  // namespace

LayerTotals& LayerTotals::add(const LayerTotals& o) {
  macs += o.macs;
  products += o.products;
  counts.add(o.counts);
  allocated += o.allocated;
  squeeze_degree = std::max(squeeze_degree, o.squeeze_degree);
  empty_rows += o.empty_rows;
  rows += o.rows;
  rcmr_bits += o.rcmr_bits;
  valued += o.valued;
  outputs += o.outputs;
  conversions += o.conversions;
  clips += o.clips;
  max_abs_error = std::max(max_abs_error, o.max_abs_error);
  sum_abs_error += o.sum_abs_error;
  sum_abs_exact += o.sum_abs_exact;
  activity.add(o.activity);
  return *this;
}

LayerTotals totals_of(const LayerMap& map) {
  LayerTotals t;
  t.counts = map.counts;
  t.allocated = map.crossbars;
  t.squeeze_degree = map.squeeze_degree;
  t.rows = static_cast<double>(map.tile_row_slots);
  t.empty_rows = map.empty_row_share(1) * t.rows;
  t.rcmr_bits = map.rcmr_bits;
  return t;
}

LayerTotals totals_of(const Platform& platform, std::uint32_t layer) {
  const LayerRun& run = platform.source->layers()[layer];
  LayerTotals t = totals_of(*platform.chip.maps()[layer]);
  t.products = run.products;
  t.macs = run.products * platform.macs[layer];
  t.valued = run.valued;
  t.outputs = run.outputs;
  t.conversions = run.conversions;
  t.clips = run.clips;
  t.max_abs_error = run.max_abs_error;
  t.sum_abs_error = run.sum_abs_error;
  t.sum_abs_exact = run.sum_abs_exact;
  t.activity = platform.activity(layer);
  return t;
}

LayerTotals totals_of(const Platform& platform) {
  LayerTotals sum;
  for (std::uint32_t l = 0; l < platform.chip.maps().size(); ++l) sum.add(totals_of(platform, l));
  return sum;
}

WriteTotals writes_of(const Platform& platform) {
  WriteTotals w;
  const Placement& placement = platform.chip.placement();
  w.rounds = placement.rounds.size();
  for (std::size_t r = 0; r < w.rounds; ++r) {
    const ProgramWork& program = platform.chip.program(r);
    sim::Cycle longest = 0;
    for (const ProgramWork::Bank& bank : program.banks) {
      w.cells += bank.cells;
      longest = std::max(longest, bank.cycles);
    }
    w.cycles += longest;
    w.activity.add(program_activity(program));
  }
  return w;
}

std::optional<double> workload_cycles(const Platform& platform) {
  if (!platform.source->finished()) return std::nullopt;
  if (platform.network == nullptr) return static_cast<double>(platform.source->last_cycle());
  double extra = 0;
  for (std::uint32_t l = 0; l < platform.chip.maps().size(); ++l) {
    const LayerRun& run = platform.source->layers()[l];
    const double all =
        static_cast<double>(platform.chip.maps()[l]->positions * platform.network->inferences());
    if (run.products > 0)
      extra += static_cast<double>(run.cycles) * (all / static_cast<double>(run.products) - 1);
  }
  return static_cast<double>(platform.source->last_cycle()) + extra;
}

std::optional<sim::app::Sampled> SmeJob::sampled() const {
  if (!platform_ || platform_->network == nullptr) return std::nullopt;
  double done = 0, all = 0;
  for (std::uint32_t l = 0; l < platform_->chip.maps().size(); ++l) {
    done += static_cast<double>(platform_->network->simulated(l));
    all += static_cast<double>(platform_->chip.maps()[l]->positions);
  }
  if (done == all) return std::nullopt;
  sim::app::Sampled s;
  s.share = done / all;
  s.windows = platform_->chip.maps().size() * platform_->network->inferences();
  s.extrapolated = {"workload_cycles"};
  return s;
}

void SmeJob::summary(ordered_json& keys) {
  const Platform& p = *platform_;
  const LayerTotals total = totals_of(p);
  put(keys, total, p.cost);
  keys["area_mm2"] = p.cost.chip_mm2();
  put_more(keys, total);
  keys["rcmr_bytes"] = (total.rcmr_bits + 7) / 8;
  keys["weights"] = settings_.replays() ? "trace" : loaded_->synthetic ? "synthetic" : "file";
  keys["quantizer"] = settings_.quantizer.kind == QuantizerWord::trace
                          ? "trace"
                          : sme::name(settings_.quantizer.settings().kind);
  keys["sign"] = sme::name(settings_.sign);
  keys["adc_bits"] = settings_.adc_bits();
  const std::optional<double> whole = workload_cycles(p);
  keys["workload_cycles"] = whole ? ordered_json(*whole) : ordered_json(nullptr);
  ordered_json area;
  for (std::size_t c = 0; c < kComponents; ++c) area[name(static_cast<Component>(c))] = p.cost.area_mm2[c];
  keys["area_by_component_mm2"] = std::move(area);
  const double seconds = static_cast<double>(cycles()) * p.chip.domain().period().to_seconds();
  keys["power_w"] = or_null(seconds > 0, seconds > 0 ? p.cost.energy_j(total.activity) / seconds : 0);

  const ChipTotals chip = chip_totals(p);
  const Placement& placement = p.chip.placement();
  keys["chip"] = {{"crossbars", p.chip.config().capacity()},
                  {"crossbars_placed", placement.crossbars},
                  {"placement", name(placement.kind)},
                  {"rounds", placement.rounds.size()},
                  {"units_used", placement.units},
                  {"banks_used", chip.banks},
                  {"adc_utilisation", chip.adc_utilisation},
                  {"bank_bus_utilisation_max", chip.bus_utilisation_max},
                  {"bank_bus_wait_cycles", chip.bus_wait},
                  {"chip_bus_utilisation", chip.chip_bus_utilisation},
                  {"chip_bus_wait_cycles", p.chip.chip_bus().counts().wait_cycles},
                  {"result_stall_cycles", chip.result_stall}};
  const WriteTotals w = writes_of(p);
  const bool rewrites = w.rounds > 1;
  keys["programming"] = {{"cells", w.cells},
                         {"cycles", w.cycles},
                         {"energy_j", p.cost.energy_j(w.activity)},
                         {"in_run", rewrites},
                         {"runs_until_worn", or_null(rewrites, settings_.tech.endurance)}};
  ordered_json layers = ordered_json::array();
  for (std::uint32_t l = 0; l < p.chip.maps().size(); ++l) {
    const LayerTotals t = totals_of(p, l);
    ordered_json layer;
    layer["name"] = p.chip.maps()[l]->name;
    layer["cycles"] = p.source->layers()[l].cycles + p.source->layers()[l].write_cycles;
    put(layer, t, p.cost);
    layer["area_mm2"] = crossbar_area(p) * static_cast<double>(t.allocated);
    put_more(layer, t);
    layer["write_cycles"] = p.source->layers()[l].write_cycles;
    layers.push_back(std::move(layer));
  }
  keys["layers"] = std::move(layers);
  keys["tokens"] = nullptr;
  keys["results_checked"] = nullptr;
  keys["result_mismatches"] = nullptr;
  keys["attention_gemvs"] = nullptr;
  if (p.replay == nullptr) return;
  ordered_json tokens = ordered_json::array();
  for (const TokenRun& t : p.replay->tokens()) {
    tokens.push_back({{"index", t.index},
                      {"int4_layers", t.int4_layers},
                      {"cycles", t.end - t.begin},
                      {"macs", t.macs},
                      {"energy_j", p.cost.energy_j(t.activity)}});
  }
  keys["tokens"] = std::move(tokens);
  keys["results_checked"] = p.replay->checked();
  keys["result_mismatches"] = p.replay->mismatches();
  keys["attention_gemvs"] =
      settings_.attention.crossbar ? ordered_json(p.replay->attention_products()) : ordered_json(nullptr);
}

std::vector<sim::app::KeyText> SmeJob::summary_keys() {
  std::vector<sim::app::KeyText> keys;
  const auto both = [&keys](const std::string& key, const std::string& unit, const std::string& text) {
    keys.push_back({key, unit, text});
    keys.push_back({"layers[]." + key, unit, "the same, of the layer"});
  };
  keys.push_back({"layers[].name", "", "name of the matrix"});
  keys.push_back(
      {"layers[].cycles", "cycle", "from the begin of its passes to their ends, writing included"});
  both("macs", "MAC", "multiply-accumulates of the products simulated");
  both("gemvs", "product", "matrix-vector products simulated");
  both("crossbars_conventional", "crossbar", "of the conventional mapping, the matrix as given");
  both("crossbars_bit_sliced", "crossbar", "of inter-crossbar bit-slicing before anything is freed");
  both("crossbars_used", "crossbar", "after release and squeezing");
  both("squeeze_degree", "", "D, as asked for");
  both("empty_row_share_msb", "", "share of tile rows without a one in plane 1, before squeezing");
  both("adc_clips", "conversion", "clipped, of the products whose values were computed; null without");
  both("max_abs_error", "", "of those products' sums against exact ones, in codes times codes; null without");
  both("mean_abs_error", "", "mean of the same");
  for (std::size_t c = 0; c < kComponents; ++c) {
    both(std::string("energy_j.") + name(static_cast<Component>(c)), "J",
         event_text(static_cast<Component>(c)));
  }
  both("energy_j.total", "J", "sum of the components");
  both("area_mm2", "mm2", "of the chip; of a layer: its crossbars with their converters");
  both("rcmr_bytes", "byte", "row conversion mask registers");
  both("crossbars_packed", "crossbar", "used, if narrow tiles of a plane shared crossbars");
  both("crossbars_allocated", "crossbar", "that the layers take as mapped (depthwise, packing)");
  both("values_products", "product", "whose values were computed");
  both("adc_conversions", "conversion", "of those products; null without");
  both("relative_error", "", "sum of the errors over the sum of the exact results; null without");
  keys.push_back({"layers[].write_cycles", "cycle", "in which crossbars were written in front of the layer"});
  const auto one = [&keys](const char* key, const char* unit, const char* text) {
    keys.push_back({key, unit, text});
  };
  one("weights", "", "file, synthetic or trace");
  one("quantizer", "", "kind of the quantizer");
  one("sign", "", "how signs are kept");
  one("adc_bits", "bit", "resolution, resolved");
  one("workload_cycles", "cycle", "of the whole workload; extrapolated where workload.positions cuts layers");
  for (std::size_t c = 0; c < kComponents; ++c) {
    keys.push_back(
        {std::string("area_by_component_mm2.") + name(static_cast<Component>(c)), "mm2", "of the chip"});
  }
  one("power_w", "W", "energy over simulated time");
  one("chip.crossbars", "crossbar", "that the chip has");
  one("chip.crossbars_placed", "crossbar", "that the layers take, all rounds together");
  one("chip.placement", "", "the policy that was used");
  one("chip.rounds", "", "times that the chip is filled; 1: all weights stay");
  one("chip.units_used", "CU", "that hold crossbars, in the fullest round");
  one("chip.banks_used", "bank", "that computed anything");
  one("chip.adc_utilisation", "", "share of the run in which the ADCs of the CUs in use converted");
  one("chip.bank_bus_utilisation_max", "", "of the busiest bank's bus");
  one("chip.bank_bus_wait_cycles", "cycle", "that requests waited for the banks' buses, summed");
  one("chip.chip_bus_utilisation", "", "of the bus between the banks");
  one("chip.chip_bus_wait_cycles", "cycle", "that requests waited for it, summed");
  one("chip.result_stall_cycles", "cycle", "that CUs waited for an output register, summed");
  one("programming.cells", "cell", "written when every round is written once");
  one("programming.cycles", "cycle", "that it takes, transfers aside");
  one("programming.energy_j", "J", "that it takes");
  one("programming.in_run", "", "whether the run writes crossbars (more than one round)");
  one("programming.runs_until_worn", "",
      "inferences or tokens until tech.endurance is reached; null if not rewritten");
  one("tokens[].index", "", "workload.trace: the token; null without a trace");
  one("tokens[].int4_layers", "layer", "decoder layers that ran with INT4");
  one("tokens[].cycles", "cycle", "from the end of the token before it to its last product");
  one("tokens[].macs", "MAC", "of the token");
  one("tokens[].energy_j", "J", "of the token");
  one("results_checked", "product",
      "whose sums were compared with the trace's digests; null without a trace");
  one("result_mismatches", "product", "whose sums differ from the trace's");
  one("attention_gemvs", "product", "queries times codebooks; null unless attention.crossbar");
  return keys;
}

}  // namespace sme
