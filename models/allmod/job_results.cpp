// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string>
#include <utility>

#include "models/allmod/cost_report.h"
#include "models/allmod/job.h"
#include "models/allmod/platform.h"
#include "models/allmod/trace_results.h"

namespace allmod {
namespace {

const char* word(Stall stall) { return stall == Stall::elastic ? "elastic" : "global"; }

void append(std::vector<sim::app::KeyText>& keys, const std::vector<sim::app::KeyText>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
}

}  // namespace

bool ReductionJob::is_sampled() const {
  const sim::Region& region = platform_->workload->region();
  return region.measured_count() != region.total();
}

std::optional<sim::app::Sampled> ReductionJob::sampled() const {
  if (settings_.replay) return replay_share(*settings_.replay);
  if (!platform_ || !is_sampled()) return std::nullopt;
  const Workload& work = *platform_->workload;
  const sim::SampleEstimator estimate = work.estimate();
  sim::app::Sampled s;
  s.share = static_cast<double>(work.measured_done()) / static_cast<double>(work.region().total());
  s.windows = estimate.windows();
  s.extrapolated = {"workload_cycles"};
  s.ci95_of = "workload_cycles";
  if (const auto whole = estimate.extrapolate(work.region().total())) s.ci95 = whole->half_width;
  return s;
}

std::optional<double> ReductionJob::layer_cycles() const {
  if (!settings_.replay || !finished()) return std::nullopt;
  const TraceReplay& replay = *settings_.replay;
  return static_cast<double>(cycles()) * static_cast<double>(replay.layer_multiplications()) /
         static_cast<double>(replay.multiplications());
}

void ReductionJob::summary(nlohmann::ordered_json& keys) {
  const Workload& work = *platform_->workload;
  const Datapath& datapath = platform_->reducer.datapath();
  const Design& d = datapath.design();
  const sim::SampleEstimator estimate = work.estimate();
  const std::optional<double> per_op = estimate.mean_per_op();

  keys["n"] = d.n;
  keys["form"] = form_word(d.form);
  keys["reductions"] = work.done();
  keys["mismatches"] = work.compares() ? nlohmann::ordered_json(work.mismatches()) : nullptr;
  keys["latency_cycles"] = datapath.latency();
  keys["ii_cycles"] = datapath.ii();
  const CostReport cost(settings_, datapath);
  cost.headline(keys);
  keys["throughput_per_cycle"] = per_op && *per_op > 0 ? nlohmann::ordered_json(1 / *per_op) : nullptr;
  keys["area_efficiency"] = cost.area_efficiency();
  keys["extra_adjustments"] =
      work.compares() ? nlohmann::ordered_json(platform_->reducer.counters().extra_adjustments) : nullptr;
  keys["literal_errors"] =
      d.form == Form::template_literal ? nlohmann::ordered_json(work.literal_errors()) : nullptr;
  keys["workload_reductions"] = work.region().total();
  if (!is_sampled() && finished()) {
    keys["workload_cycles"] = cycles();
  } else {
    const auto whole = estimate.extrapolate(work.region().total());
    keys["workload_cycles"] = whole ? nlohmann::ordered_json(whole->cycles) : nullptr;
  }
  keys["lanes"] = platform_->reducer.lanes();
  nlohmann::ordered_json design;
  const auto parameter = [&](const char* key, auto value) {
    design[key] = has_parameter(d.form, key) ? nlohmann::ordered_json(value) : nullptr;
  };
  parameter("w", d.w);
  parameter("m", d.m);
  design["groups"] = datapath.groups().size();
  parameter("p", d.p);
  parameter("e", d.e);
  parameter("r", d.r);
  parameter("rho", d.rho);
  parameter("segment", d.segment);
  parameter("t", d.t);
  parameter("u", d.u);
  parameter("eager", d.eager);
  const bool multiplies = has_multiplier(d.form);
  design["multiplier_ii"] = multiplies ? nlohmann::ordered_json(datapath.multiplier().ii) : nullptr;
  design["multiplier_latency"] =
      multiplies ? nlohmann::ordered_json(datapath.multiplier().latency()) : nullptr;
  keys["design"] = std::move(design);
  if (platform_->front) {
    keys["chain"] = {
        {"operations", platform_->front->total()},
        {"depth", platform_->program->depth()},
        {"outputs", platform_->program->outputs().size()},
        {"wrong_outputs", finished() ? nlohmann::ordered_json(platform_->front->wrong_outputs()) : nullptr}};
  } else {
    keys["chain"] = nullptr;
  }
  keys["trace"] = settings_.replay ? replay_json(*settings_.replay, layer_cycles()) : nullptr;
  const bool switches = settings_.modulus.switch_every > 0;
  keys["modulus_loads"] = switches ? nlohmann::ordered_json(platform_->driver->loads()) : nullptr;
  keys["modulus_load_cycles"] = switches ? nlohmann::ordered_json(platform_->driver->load_cycles()) : nullptr;
  keys["table_bytes"] = platform_->reducer.tables().bytes();
  cost.details(keys);
}

std::vector<sim::app::KeyText> ReductionJob::summary_keys() {
  std::vector<sim::app::KeyText> keys = {
      {"n", "bit", "length of the modulus"},
      {"form", "", "architecture"},
      {"reductions", "operation", "results simulated and checked"},
      {"mismatches", "operation",
       "results that differ from GMP; the run fails unless 0; null for value lazy"},
      {"latency_cycles", "cycle", "from accepting an operand to its result, without stalls"},
      {"ii_cycles", "cycle", "between two operands of a lane, without stalls"},
  };
  append(keys, CostReport::headline_keys());
  append(
      keys,
      {
          {"throughput_per_cycle", "operation/cycle",
           "measured operations over the cycles they took, all lanes"},
          {"area_efficiency", "operation/cycle/10^9 LUT",
           "lanes / ii_cycles over lut_sites, block RAM free: the authors' ordinate"},
          {"extra_adjustments", "operation",
           "reductions for which the authors' three-way adjustment is not enough; null for value lazy"},
          {"literal_errors", "operation",
           "form template_literal: answers that the authors' drawing gets wrong; else null"},
          {"workload_reductions", "operation", "operands of the whole workload"},
          {"workload_cycles", "cycle",
           "cycles of the whole workload; extrapolated if only a part was measured"},
          {"lanes", "lane", "reducers"},
          {"design", "",
           "resolved parameters w, m, groups, p, e, r, rho, segment, t, u, eager, and cycles of a "
           "multiplier; null where the form has none"},
          {"chain", "",
           "sources chain and trace: operations, depth (longest path), outputs, wrong_outputs (against "
           "mpz_powm); else null"},
          {"trace", "",
           "source trace: modulus, parts (executed mod_mul records, of parts_in_trace), multiplications, "
           "layer_multiplications and layer_cycles (of the layers that the parts are sampled from: "
           "extrapolated by the records' population), layers[] (layer, matrix, weight_bits, multiplications, "
           "population); else null"},
          {"modulus_loads", "load", "modulus.switch_every: moduli loaded through the socket; else null"},
          {"modulus_load_cycles", "cycle", "modulus.switch_every: cycles spent on them; else null"},
          {"table_bytes", "byte", "look-up tables in the simulator"},
      });
  append(keys, CostReport::detail_keys());
  return keys;
}

void ReductionJob::summary_text(std::ostream& out) {
  const Workload& work = *platform_->workload;
  const Datapath& datapath = platform_->reducer.datapath();
  const Design& d = datapath.design();
  const auto line = [&out](const char* name) -> std::ostream& {
    return out << "  " << std::left << std::setw(20) << name << std::right;
  };
  line("design") << form_word(d.form) << (d.eager ? ", eager" : "") << ", n = " << d.n;
  for (const auto& [key, value] : {std::pair{"w", d.w},
                                   {"m", d.m},
                                   {"p", d.p},
                                   {"e", d.e},
                                   {"r", d.r},
                                   {"rho", d.rho},
                                   {"t", d.t},
                                   {"u", d.u}}) {
    if (has_parameter(d.form, key)) out << ", " << key << " = " << value;
    if (std::string(key) == "m" && has_tables(d.form)) out << " (" << datapath.groups().size() << " tables)";
  }
  if (d.segment > 0) out << ", segment = " << d.segment;
  if (has_multiplier(d.form))
    out << ", multipliers of " << datapath.multiplier().latency() << " cycles, one product every "
        << datapath.multiplier().ii;
  out << "\n";
  line("modulus") << platform_->modulus.name() << ", " << d.n << " bits\n";
  line("lanes") << platform_->reducer.lanes() << ", " << word(settings_.design.stall) << " stall\n";
  line("latency") << datapath.latency() << " cycles, one operand every " << datapath.ii()
                  << (datapath.ii() == 1 ? " cycle" : " cycles") << " a lane\n";
  const std::optional<double> per_op = work.estimate().mean_per_op();
  if (per_op && *per_op > 0) {
    line("throughput") << std::setprecision(4) << 1 / *per_op << " reductions a cycle\n";
  }
  if (const auto whole = work.estimate().extrapolate(work.region().total()); whole && is_sampled()) {
    line("whole workload") << std::fixed << std::setprecision(0) << whole->cycles << std::defaultfloat
                           << " cycles for " << work.region().total() << " reductions, extrapolated\n";
  }
  line("reductions") << work.done() << " of " << work.total() << " simulated\n";
  const bool drawing = d.form == Form::template_ || d.form == Form::template_literal;
  if (work.compares() && drawing)  // other forms have no such adjustment: nearly every sum is that large
    line("extra adjustments") << platform_->reducer.counters().extra_adjustments
                              << " (a three-way adjustment would have been wrong)\n";
  if (d.form == Form::template_literal) {
    line("literal errors") << work.literal_errors() << " (answers that the drawing gets wrong)\n";
  }
  if (platform_->front) {
    line("chain") << platform_->front->total() << " multiplications, longest path "
                  << platform_->program->depth() << ", " << platform_->program->outputs().size()
                  << " outputs, " << platform_->front->wrong_outputs() << " of them wrong\n";
  }
  if (settings_.replay) replay_text(out, *settings_.replay, layer_cycles());
  if (settings_.modulus.switch_every > 0) {
    line("modulus loads") << platform_->driver->loads() << " in " << platform_->driver->load_cycles()
                          << " cycles\n";
  }
  line("stalls");
  std::uint64_t in = 0;
  std::uint64_t waiting = 0;
  for (unsigned i = 0; i < platform_->reducer.lanes(); ++i) {
    in += platform_->reducer.lane_stats(i).input_stall.value();
    waiting += platform_->reducer.lane_stats(i).output_stall.value();
  }
  out << in << " cycles an operand waited to enter, " << waiting << " a result waited to leave\n";
  CostReport(settings_, datapath).text(out);
  if (!work.compares()) {
    line("mismatches:") << "not counted: value lazy takes its results from GMP\n";
    return;
  }
  line("mismatches:") << work.mismatches() << (work.mismatches() == 0 ? "   (every result equals GMP's)" : "")
                      << "\n";
}

}  // namespace allmod
