// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <iomanip>
#include <ostream>

#include "models/allmod/cost_report.h"
#include "models/allmod/job.h"
#include "models/allmod/platform.h"

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

void ReductionJob::summary(nlohmann::ordered_json& keys) {
  const Workload& work = *platform_->workload;
  const Datapath& datapath = platform_->reducer.datapath();
  const Design& d = datapath.design();
  const sim::SampleEstimator estimate = work.estimate();
  const std::optional<double> per_op = estimate.mean_per_op();

  keys["n"] = d.n;
  keys["form"] = form_word(d.form);
  keys["reductions"] = work.done();
  keys["mismatches"] = work.mismatches();
  keys["latency_cycles"] = datapath.latency();
  keys["ii_cycles"] = datapath.ii();
  const CostReport cost(settings_, datapath);
  cost.headline(keys);
  keys["throughput_per_cycle"] = per_op && *per_op > 0 ? nlohmann::ordered_json(1 / *per_op) : nullptr;
  keys["area_efficiency"] = cost.area_efficiency();
  keys["extra_adjustments"] = platform_->reducer.counters().extra_adjustments;
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
  nlohmann::ordered_json design = {{"w", d.w}, {"m", d.m}, {"groups", datapath.groups().size()}};
  const bool pipelined = d.form == Form::pipelined;
  for (const auto& [key, value] :
       {std::pair{"p", d.p}, {"e", d.e}, {"r", d.r}, {"rho", d.rho}, {"segment", d.segment}}) {
    design[key] = pipelined ? nlohmann::ordered_json(value) : nullptr;
  }
  keys["design"] = std::move(design);
  keys["table_bytes"] = platform_->reducer.tables().bytes();
  cost.details(keys);
}

std::vector<sim::app::KeyText> ReductionJob::summary_keys() {
  std::vector<sim::app::KeyText> keys = {
      {"n", "bit", "length of the modulus"},
      {"form", "", "architecture"},
      {"reductions", "operation", "results simulated and checked"},
      {"mismatches", "operation", "results that differ from GMP; the run fails unless 0"},
      {"latency_cycles", "cycle", "from accepting an operand to its result, without stalls"},
      {"ii_cycles", "cycle", "between two operands of a lane, without stalls"},
  };
  append(keys, CostReport::headline_keys());
  append(keys, {
                   {"throughput_per_cycle", "operation/cycle",
                    "measured operations over the cycles they took, all lanes"},
                   {"area_efficiency", "operation/cycle/10^9 LUT",
                    "lanes / ii_cycles over lut_sites, block RAM free: the authors' ordinate"},
                   {"extra_adjustments", "operation",
                    "reductions for which the authors' three-way adjustment is not enough"},
                   {"literal_errors", "operation",
                    "form template_literal: answers that the authors' drawing gets wrong; else null"},
                   {"workload_reductions", "operation", "operands of the whole workload"},
                   {"workload_cycles", "cycle",
                    "cycles of the whole workload; extrapolated if only a part was measured"},
                   {"lanes", "lane", "reducers"},
                   {"design", "",
                    "resolved parameters w, m, groups, p, e, r, rho, segment; null where the form has none"},
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
  line("design") << form_word(d.form) << ", n = " << d.n << ", w = " << d.w << ", m = " << d.m << " ("
                 << datapath.groups().size() << " tables)";
  if (d.form == Form::pipelined) {
    out << ", p = " << d.p << ", e = " << d.e << ", r = " << d.r << ", rho = " << d.rho;
    if (d.segment > 0) out << ", segment = " << d.segment;
  }
  out << "\n";
  line("modulus") << platform_->modulus.name() << ", " << d.n << " bits\n";
  line("lanes") << platform_->reducer.lanes() << ", " << word(settings_.design.stall) << " stall\n";
  line("latency") << datapath.latency() << " cycles, one operand every " << datapath.ii()
                  << (datapath.ii() == 1 ? " cycle" : " cycles") << " a lane\n";
  const std::optional<double> per_op = work.estimate().mean_per_op();
  if (per_op && *per_op > 0) {
    line("throughput") << std::setprecision(4) << 1 / *per_op << " reductions a cycle\n";
  }
  line("reductions") << work.done() << " of " << work.total() << " simulated\n";
  line("extra adjustments") << platform_->reducer.counters().extra_adjustments
                            << " (a three-way adjustment would have been wrong)\n";
  if (d.form == Form::template_literal) {
    line("literal errors") << work.literal_errors() << " (answers that the drawing gets wrong)\n";
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
  line("mismatches:") << work.mismatches() << (work.mismatches() == 0 ? "   (every result equals GMP's)" : "")
                      << "\n";
}

}  // namespace allmod
