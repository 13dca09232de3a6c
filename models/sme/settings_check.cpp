// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/settings_check.h"

#include <cmath>
#include <filesystem>

#include "models/sme/placement.h"
#include "sim/core/error.h"

namespace sme {
namespace {

namespace fs = std::filesystem;
using sim::config::Diagnostics;
using sim::config::Resolved;

// Relative to the file that names it, else to the working directory.
std::string right_from_here(const std::string& path, const sim::config::Mark& mark) {
  std::error_code ignored;
  if (path.empty() || fs::path(path).is_absolute() || !fs::is_regular_file(mark.file(), ignored)) return path;
  const std::string beside = (fs::path(mark.file()).parent_path() / path).lexically_normal().string();
  return !fs::exists(beside, ignored) && fs::exists(path, ignored) ? path : beside;
}

bool given(const Resolved& resolved, const std::string& path) {
  const Resolved::Entry* entry = resolved.find(path);
  return entry != nullptr && entry->explicit_;
}

class Rules {
 public:
  Rules(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics)
      : s_(s), resolved_(resolved), diagnostics_(diagnostics) {}

  void error(const std::string& path, const std::string& text) {
    diagnostics_.error(resolved_.mark(path), path + ": " + text);
  }

  void workload() {
    const WorkloadSection& w = s_.workload;
    if (!w.trace.empty() && !w.weights.empty()) {
      error("workload.weights",
            "given together with workload.trace, which has the weights; keep one of the two");
    }
    if (!w.trace.empty() && given(resolved_, "workload.network") && !w.network.empty()) {
      error("workload.network",
            "given together with workload.trace, which has the matrices; keep one of the two");
    }
    if (w.trace.empty() && !w.network.empty()) {
      bool known = false;
      std::string names;
      for (const std::string& name : network_names()) {
        known = known || name == w.network;
        names += (names.empty() ? "" : ", ") + name;
      }
      if (!known) error("workload.network", "unknown network '" + w.network + "'; one of " + names);
    }
    if (w.trace.empty() && w.first > 0) error("workload.first", "belongs to workload.trace; remove it");
    if (!w.trace.empty() && !w.positions.is_auto()) {
      error("workload.positions", "a trace's products come one by one; limit tokens with workload.count");
    }
    if (s_.quantizer.kind == QuantizerWord::trace && w.trace.empty()) {
      error("quantizer.kind", "trace needs workload.trace; use sme, int8, po2, apot or mixed");
    }
    if (s_.quantizer.kind != QuantizerWord::trace && !w.trace.empty()) {
      error("quantizer.kind", "the trace's weights are codes already; set quantizer.kind=trace");
    }
    if (s_.attention.crossbar && w.trace.empty()) {
      error("attention.crossbar", "belongs to workload.trace; remove it");
    }
    if (!w.trace.empty() && s_.inputs.bits != 8) {
      error("inputs.bits", "activations of a trace have 8 bits; set inputs.bits=8");
    }
  }

  void mapping() {
    if (s_.mapping == MappingKind::conventional && s_.squeeze.degree > 0) {
      error("squeeze.degree",
            "squeezing moves bits between crossbars of different planes, which the conventional mapping "
            "does not have; set squeeze.degree=0 or mapping=inter_crossbar");
    }
    if (s_.quantizer.kind != QuantizerWord::trace && s_.squeeze.degree >= s_.quantizer.bits) {
      error("squeeze.degree", "empties " + std::to_string(s_.squeeze.degree) + " of " +
                                  std::to_string(s_.quantizer.bits) + " planes; at most " +
                                  std::to_string(s_.quantizer.bits - 1));
    }
    if (s_.depthwise == Depthwise::as_given && s_.fidelity.value == ValueFidelity::bit_true &&
        given(resolved_, "depthwise") && !s_.workload.values.is_auto() && *s_.workload.values.value == 0) {
      return;
    }
    const unsigned exact = exact_adc_bits(s_.crossbar.shape);
    if (!s_.adc.clip && s_.adc_bits() < exact) {
      const unsigned most = s_.crossbar.shape.rows * ((1u << s_.crossbar.shape.cell_bits) - 1);
      const unsigned holds = (1u << s_.adc_bits()) - 1;
      error("adc.bits", std::to_string(s_.adc_bits()) + " bits hold sums up to " + std::to_string(holds) +
                            ", " + std::to_string(s_.crossbar.shape.rows) + " driven rows give up to " +
                            std::to_string(most) + ": up to " + std::to_string(most - holds) +
                            " would be lost; set adc.bits to auto or at least " + std::to_string(exact) +
                            ", crossbar.rows to at most " +
                            std::to_string(holds / ((1u << s_.crossbar.shape.cell_bits) - 1)) +
                            ", or adc.clip=true to count what is lost");
    }
    if (s_.adc.per_crossbar > s_.crossbar.shape.cols) {
      error("adc.per_crossbar", std::to_string(s_.adc.per_crossbar) + " ADCs for " +
                                    std::to_string(s_.crossbar.shape.cols) + " columns; at most as many");
    }
  }

 private:
  const Settings& s_;
  const Resolved& resolved_;
  Diagnostics& diagnostics_;
};

// Bits of the largest sum of a layer, its sign included.
unsigned sum_bits(const LayerMap& map, unsigned input_bits) {
  const double most =
      static_cast<double>(map.kind == MatrixKind::depthwise ? map.inputs / std::max(map.outputs, 1u)
                                                            : map.inputs) *
      (std::ldexp(1.0, static_cast<int>(map.magnitude_bits)) - 1) *
      (std::ldexp(1.0, static_cast<int>(input_bits)) - 1);
  return static_cast<unsigned>(std::floor(std::log2(std::max(most, 1.0)))) + 2;
}

}  // namespace

void Settings::locate(const Resolved& resolved) {
  workload.weights = right_from_here(workload.weights, resolved.mark("workload.weights"));
  workload.trace = right_from_here(workload.trace, resolved.mark("workload.trace"));
}

void Settings::check(const Resolved& resolved, Diagnostics& diagnostics) const {
  Rules rules(*this, resolved, diagnostics);
  rules.workload();
  rules.mapping();
}

void check_layers(const Settings& settings, const LoadedLayers& loaded, const Resolved& resolved,
                  Diagnostics& diagnostics) {
  const auto error = [&](const std::string& path, const std::string& text) {
    diagnostics.error(resolved.mark(path), path + ": " + text);
  };
  const ChipConfig config = settings.chip_config();
  std::vector<const LayerMap*> maps;
  for (const auto& layer : loaded.layers) maps.push_back(&layer->map());
  for (const LayerMap* map : maps) {
    const unsigned bits = sum_bits(*map, settings.inputs.bits);
    if (bits <= 8 * config.sum_bytes) continue;
    error("chip.sum_bytes", "sums of layer " + map->name + " need up to " + std::to_string(bits) + " bits, " +
                                std::to_string(config.sum_bytes) + " bytes hold " +
                                std::to_string(8 * config.sum_bytes) + ": the upper " +
                                std::to_string(bits - 8 * config.sum_bytes) +
                                " would be lost; set chip.sum_bytes=" + std::to_string((bits + 7) / 8));
    break;
  }
  Placement placement;
  try {
    placement = place(maps, config);
  } catch (const sim::Error& e) {
    error("chip.crossbars", e.what());
    return;
  }
  if (!settings.reload && placement.rounds.size() > 1) {
    const std::uint64_t per_bank = std::uint64_t{config.units} * config.crossbars;
    error("chip.banks", "the layers take " + std::to_string(placement.crossbars) +
                            " crossbars, the chip has " + std::to_string(config.capacity()) +
                            " and reload is off; set chip.banks=" +
                            std::to_string((placement.crossbars + per_bank - 1) / per_bank) +
                            " or more (with chip.placement=dense), squeeze more, or reload=true");
  }
  // A bank's buffer must hold one product; how many there are at a time follows from it.
  for (std::size_t r = 0; r < placement.rounds.size() && diagnostics.ok(); ++r) {
    for (std::uint32_t l = 0; l < maps.size(); ++l) {
      LayerWork work;
      if (!build_work(maps, l, placement.rounds[r], 0, config, settings.inputs.bits, work)) continue;
      for (const BankWork& bank : work.banks) {
        const std::uint64_t bytes = buffer_bytes(bank, config);
        if (bytes <= config.edram_bytes) continue;
        error("chip.edram_bytes",
              "one product of layer " + maps[l]->name + " needs " + std::to_string(bytes) +
                  " bytes of a bank's buffer (inputs and sums), which has " +
                  std::to_string(config.edram_bytes) + "; set chip.edram_bytes=" + std::to_string(bytes) +
                  " or chip.bank_order=spread");
        return;
      }
    }
  }
}

bool settings_matter(const Settings& settings, const std::string& path) {
  const auto starts = [&path](const char* prefix) { return path.rfind(prefix, 0) == 0; };
  if (path == "quantizer.mixed_error") return settings.quantizer.kind == QuantizerWord::mixed;
  if (path == "inputs.sigma") {
    return !settings.replays() && settings.fidelity.value == ValueFidelity::bit_true &&
           settings.workload.values.value_or(1) > 0;
  }
  if (path == "chip.rcmr_cycles" || starts("tech.rcmr")) return settings.squeeze.degree > 0;
  return true;
}

}  // namespace sme
