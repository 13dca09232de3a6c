// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>

#include "models/system/job.h"
#include "models/system/platform.h"
#include "models/system/results.h"
#include "models/system/sme_units.h"
#include "sim/config/meta.h"

namespace platform {

using common::Cause;
using common::Operation;
using common::Ps;
using sim::config::number_text;

namespace {

std::string csv(const std::optional<double>& value) { return value ? number_text(*value) : std::string(); }

}  // namespace

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
                                               (p.sme->units().size() == 1 ? "" : "s") + " of " +
                                               fixed(p.sme->cost().chip_mm2(), 4) + " mm2") +
                       ", weights " + word(settings_.precision) + ", cache " + word(settings_.kv) +
                       ", GPU times " + word(settings_.gpu.compute));
  if (settings_.fast())
    line("detail", "fast: loosely timed, contention is approximated (models/system/README.md has the error)");
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
  if (const auto e = encrypted_of(p, totals)) {
    line("encrypted",
         "layer " + std::to_string(e->layer) + ": " + std::to_string(e->multiplications) +
             " multiplications of " + std::to_string(e->parts) + " samples, " +
             std::to_string(e->mismatches) + " differ from GMP" +
             (e->time_s ? "; the layer " + fixed(*e->time_s, 4) + " s a token, EXTRAPOLATED from " +
                              fixed(100 * *e->share, 3) + " % of it"
                        : "; too few samples to scale from"));
  }
  if (p.ring != nullptr && p.prefill.complete) {
    line("prompt", std::to_string(p.survey.prompt_tokens) + " tokens on " +
                       std::to_string(p.ring->plan().graph.gpus) + " GPUs, " +
                       settings_.ring.schedule_word() + ": " +
                       fixed(seconds(p.prefill.times.end - p.prefill.times.begin) * 1e3, 5) + " ms");
  }
  line("memory", fixed(static_cast<double>(totals.account.hbm_bytes) / n * 1e-9, 4) + " GB a token" +
                     (settings_.fast() ? std::string()
                                       : ", rows open " + fixed(100 * p.hbm.row_hit_share(), 4) + " %"));
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
  out.close();
  std::ofstream units(run_dir / "units.csv");
  units << "unit,kind,busy_s,commands,bytes,energy_j\n";
  units << p.gpu->gpu_name() << ",gpu," << number_text(seconds(p.gpu->busy())) << "," << p.gpu->kernels()
        << "," << p.gpu->bytes() << ",\n";
  units << p.hbm.name() << ",hbm," << number_text(seconds(p.hbm.busy())) << "," << p.hbm.requests() << ","
        << p.hbm.bytes_read() + p.hbm.bytes_written() << ","
        << (settings_.hbm.pj_per_bit.is_auto()
                ? ""
                : number_text(static_cast<double>(p.hbm.bytes_read() + p.hbm.bytes_written()) * 8 *
                              *settings_.hbm.pj_per_bit.value * 1e-12))
        << "\n";
  units << "bus,bus," << number_text(seconds(p.link.busy())) << "," << p.link.transfers() << ","
        << p.link.bytes() << ",\n";
  if (p.sme != nullptr) {
    for (const SmeUnits::Unit& unit : p.sme->units()) {
      units << unit.chip->chip_name() << ",sme," << number_text(seconds(unit.channel->busy())) << ","
            << unit.channel->products() << "," << unit.channel->moved() << ","
            << number_text(unit.channel->energy_j()) << "\n";
    }
  }
  if (p.allmod != nullptr) {
    for (const AllmodUnits::Unit& unit : p.allmod->units()) {
      units << unit.unit->unit_name() << ",allmod," << number_text(seconds(unit.channel->busy())) << ","
            << unit.channel->reductions() << "," << unit.channel->moved() << ",\n";
    }
  }
  if (p.ring != nullptr && p.ring->finished()) {
    const ring::Execution& execution = p.ring->execution();
    const ring::Fabric& fabric = p.ring->plan().network->fabric;
    const Ps length = p.ring->length();
    std::ofstream links(run_dir / "links.csv");
    links << "from,to,bytes,utilisation,energy_j\n";
    const auto& pj = settings_.links.pj_per_bit;
    for (std::size_t l = 0; l < execution.links.size(); ++l) {
      const ring::LinkUse& use = execution.links[l];
      links << fabric.names[fabric.links[l].from] << "," << fabric.names[fabric.links[l].to] << ","
            << use.payload_bytes << ","
            << number_text(length == 0 ? 0 : static_cast<double>(use.busy) / static_cast<double>(length))
            << ","
            << (pj.is_auto() ? "" : number_text(static_cast<double>(use.wire_bytes) * 8 * *pj.value * 1e-12))
            << "\n";
    }
    list.push_back({"links.csv", "bytes and utilisation of the fabric's links"});
  }
  if (p.sme != nullptr && p.sme->write_crossbars(run_dir / "crossbars.csv", p.end))
    list.push_back({"crossbars.csv", "what each crossbar's ADC did, and for which layers"});
  list.push_back({"units.csv", "what each unit did"});
  list.push_back({"tokens.csv", "each token: bits, time, whom it waited for, energy"});
}

}  // namespace platform
