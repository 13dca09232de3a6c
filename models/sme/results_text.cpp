// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <ostream>
#include <string>

#include "models/sme/job.h"
#include "models/sme/layers.h"
#include "models/sme/platform.h"
#include "models/sme/results.h"

namespace sme {
namespace {

// "12.3 uJ".
std::string with_unit(double value, const char* unit) {
  static constexpr const char* kPrefixes[] = {"p", "n", "u", "m", "", "k"};
  int prefix = 4;
  while (prefix > 0 && value < 1 && value > 0) {
    value *= 1000;
    --prefix;
  }
  while (prefix < 5 && value >= 1000) {
    value /= 1000;
    ++prefix;
  }
  char text[48];
  std::snprintf(text, sizeof text, "%.4g %s%s", value, kPrefixes[prefix], unit);
  return text;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::ostream& line(std::ostream& out, const char* what) {
  return out << "  " << std::left << std::setw(20) << what << std::right;
}

std::string shortened(const std::string& name, std::size_t most) {
  return name.size() <= most ? name : ".." + name.substr(name.size() - (most - 2));
}

void layer_table(std::ostream& out, const Platform& p) {
  const std::size_t most = 60;
  out << "  layer                        products      cycles  convent. sliced    used    energy   clips  "
         "error\n";
  const std::size_t count = p.chip.maps().size();
  for (std::uint32_t l = 0; l < std::min(count, most); ++l) {
    const LayerTotals t = totals_of(p, l);
    const LayerRun& run = p.source->layers()[l];
    char text[160];
    char clips[24] = "-", error[24] = "-";
    if (t.valued > 0 && t.conversions > 0) {
      std::snprintf(clips, sizeof clips, "%.3f %%",
                    100 * static_cast<double>(t.clips) / static_cast<double>(t.conversions));
    }
    if (t.sum_abs_exact > 0)
      std::snprintf(error, sizeof error, "%.2f %%", 100 * t.sum_abs_error / t.sum_abs_exact);
    std::snprintf(text, sizeof text, "  %-26s %10llu %11llu %9llu %6llu %7llu %9s %7s %6s\n",
                  shortened(p.chip.maps()[l]->name, 26).c_str(), static_cast<unsigned long long>(t.products),
                  static_cast<unsigned long long>(run.cycles + run.write_cycles),
                  static_cast<unsigned long long>(t.counts.conventional),
                  static_cast<unsigned long long>(t.counts.bit_sliced),
                  static_cast<unsigned long long>(t.counts.used),
                  with_unit(p.cost.energy_j(t.activity), "J").c_str(), clips, error);
    out << text;
  }
  if (count > most) out << "  ... and " << count - most << " more in summary.json\n";
}

void token_text(std::ostream& out, const TraceSource& replay, const CostTable& cost) {
  struct Kind {
    std::uint64_t tokens = 0;
    double energy = 0, cycles = 0;
  } kinds[2];  // without INT4, with
  unsigned most = 0;
  for (const TokenRun& t : replay.tokens()) most = std::max(most, t.int4_layers);
  for (const TokenRun& t : replay.tokens()) {
    if (t.int4_layers != 0 && t.int4_layers != most) continue;
    Kind& k = kinds[t.int4_layers == 0 ? 0 : 1];
    ++k.tokens;
    k.energy += cost.energy_j(t.activity);
    k.cycles += static_cast<double>(t.end - t.begin);
  }
  line(out, "tokens") << replay.tokens().size() << "\n";
  for (int i = 0; i < 2; ++i) {
    if (kinds[i].tokens == 0) continue;
    const double n = static_cast<double>(kinds[i].tokens);
    line(out, i == 0 ? "  all layers INT8" : "  most layers INT4")
        << kinds[i].tokens << " tokens" << (i == 1 ? " with " + std::to_string(most) + " INT4 layers" : "")
        << ": " << with_unit(kinds[i].energy / n, "J") << ", "
        << static_cast<std::uint64_t>(kinds[i].cycles / n) << " cycles a token\n";
  }
  line(out, "results") << replay.checked() - replay.mismatches() << " of " << replay.checked()
                       << " products with activations equal the trace's digests\n";
}

}  // namespace

ChipTotals chip_totals(const Platform& platform) {
  ChipTotals t;
  const Chip& chip = platform.chip;
  const double cycles = static_cast<double>(std::max<sim::Cycle>(1, platform.source->last_cycle()));
  double adc_busy = 0;
  for (unsigned b = 0; b < chip.config().banks; ++b) {
    const BankStats& s = chip.bank(b).core().stats();
    t.banks += s.products.value() > 0 ? 1 : 0;
    adc_busy += static_cast<double>(s.adc_busy.value());
    t.bus_utilisation_max = std::max(t.bus_utilisation_max, static_cast<double>(s.bus_busy.value()) / cycles);
    t.bus_wait += s.bus_wait.value();
    t.result_stall += s.result_stall.value();
  }
  const double units = static_cast<double>(std::max<std::uint64_t>(1, chip.placement().units));
  t.adc_utilisation = adc_busy / cycles / units;
  t.chip_bus_utilisation = static_cast<double>(chip.chip_bus().counts().busy_cycles) / cycles;
  return t;
}

double crossbar_area(const Platform& platform) {
  double sum = 0;
  for (const Component c :
       {Component::dac, Component::array, Component::sample_hold, Component::mux, Component::adc}) {
    sum += platform.cost.area_mm2[static_cast<std::size_t>(c)];
  }
  return sum / static_cast<double>(platform.chip.config().capacity());
}

void SmeJob::summary_text(std::ostream& out) {
  const Platform& p = *platform_;
  const LayerTotals t = totals_of(p);
  const ChipConfig& c = p.chip.config();
  const ChipTotals chip = chip_totals(p);
  const Placement& placement = p.chip.placement();
  line(out, "weights") << (settings_.replays() ? "codes of the trace"
                           : loaded_->synthetic
                               ? "SYNTHETIC (seeded), shapes of " + settings_.workload.shapes()
                               : "read from a file" + (settings_.workload.network.empty()
                                                           ? std::string(", one product a layer")
                                                           : ", network " + settings_.workload.network))
                       << ", " << p.chip.maps().size() << " matrices\n";
  line(out, "quantiser") << (settings_.quantizer.kind == QuantizerWord::trace
                                 ? "the trace's own codes"
                                 : name(settings_.quantizer.settings().kind))
                         << ", sign " << name(settings_.sign) << ", squeeze degree " << t.squeeze_degree
                         << ", ADC " << settings_.adc_bits() << " bits (exact sums need "
                         << exact_adc_bits(settings_.crossbar.shape) << ")\n";
  line(out, "chip") << c.banks << " banks x " << c.units << " CUs x " << c.crossbars << " crossbars "
                    << settings_.crossbar.shape.rows << " x " << settings_.crossbar.shape.cols << " = "
                    << c.capacity() << ", " << std::setprecision(4) << p.cost.chip_mm2() << " mm2\n";
  line(out, "crossbars") << t.counts.conventional << " conventional, " << t.counts.bit_sliced
                         << " bit-sliced, " << t.counts.used << " used";
  if (t.allocated != t.counts.used) out << " (as mapped: " << t.allocated << ")";
  out << "; placement " << name(placement.kind) << ", " << placement.units << " CUs\n";
  if (placement.rounds.size() > 1) {
    line(out, "reload") << placement.rounds.size()
                        << " rounds: crossbars are written again for every inference or token\n";
  }
  line(out, "products") << t.products << ", " << t.macs << " MACs\n";
  if (const auto s = sampled()) {
    line(out, "sampled") << percent(s->share) << " of the products; the whole workload takes "
                         << static_cast<std::uint64_t>(workload_cycles(p).value_or(0))
                         << " cycles (extrapolated)\n";
  }
  line(out, "energy") << with_unit(p.cost.energy_j(t.activity), "J");
  const double seconds = static_cast<double>(cycles()) * p.chip.domain().period().to_seconds();
  if (seconds > 0) out << ", " << with_unit(p.cost.energy_j(t.activity) / seconds, "W");
  out << ":";
  const char* comma = " ";
  for (std::size_t i = 0; i < kComponents; ++i) {
    const double part = p.cost.energy_j(t.activity, static_cast<Component>(i)) /
                        std::max(1e-300, p.cost.energy_j(t.activity));
    if (part < 0.02) continue;
    out << comma << name(static_cast<Component>(i)) << " " << percent(part);
    comma = ", ";
  }
  out << "\n";
  line(out, "busy") << "ADCs " << percent(chip.adc_utilisation) << " of the CUs in use, busiest bank's bus "
                    << percent(chip.bus_utilisation_max) << ", chip's bus "
                    << percent(chip.chip_bus_utilisation) << "\n";
  line(out, "waits") << chip.bus_wait << " cycles for banks' buses, "
                     << p.chip.chip_bus().counts().wait_cycles << " for the chip's, " << chip.result_stall
                     << " for output registers\n";
  if (t.valued > 0) {
    line(out, "values") << t.valued << " products computed bit-true: " << t.clips << " of " << t.conversions
                        << " conversions clipped";
    if (t.outputs > 0) {
      out << ", error " << percent(t.sum_abs_exact > 0 ? t.sum_abs_error / t.sum_abs_exact : 0)
          << " of the exact sums, at most " << t.max_abs_error;
    }
    out << "\n";
  }
  if (t.rcmr_bits > 0) line(out, "RCMR") << (t.rcmr_bits + 7) / 8 << " bytes\n";
  if (p.replay != nullptr) token_text(out, *p.replay, p.cost);
  layer_table(out, p);
}

}  // namespace sme
