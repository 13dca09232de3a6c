// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/sme_units.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "models/sme/function/crossbar.h"
#include "models/sme/host_port.h"
#include "models/sme/loose_chip.h"
#include "models/sme/pictures.h"
#include "models/sme/settings_check.h"
#include "sim/core/error.h"
#include "traces/workload/numeric/fnv.h"

namespace platform {

using common::Cause;
using common::Command;
using sme::HostMap;

SmeChannel::SmeChannel(sc_core::sc_module_name name, unsigned number, sme::HostedChip& chip,
                       const sme::CostTable& cost, const SmeSettings& settings, common::HostLink& link,
                       sim::Failure& failure)
    : UnitChannel(name, number, link, failure),
      chip_(chip),
      cost_(cost),
      queue_(settings.port.queue),
      result_bytes_(settings.result_bytes) {}

void SmeChannel::set_up() { set(HostMap::kControl, HostMap::kIrqEnable); }

void SmeChannel::start(Command& command) {
  auto& work = static_cast<GemvWork&>(*command.work);
  if (layer_ != work.layer) set(HostMap::kLayer, layer_ = work.layer);
  if (planes_ != work.planes) set(HostMap::kPlanes, planes_ = work.planes);
  // Activations that the trace does not have are sent as zeros: the crossbars' time does not depend on
  // values.
  if (work.codes.empty()) work.codes.assign(chip_.maps()[work.layer]->inputs, '\0');
  write(HostMap::kInput, work.codes.data(), work.codes.size());
  set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kStart);
}

void SmeChannel::collect() {
  Command& command = *commands_under_way().front();
  auto& work = static_cast<GemvWork&>(*command.work);
  const common::Ps now = this->now();
  command.passed(Cause::queue, last_finished_);  // products before it on this chip
  const common::Ps begin = command.segments.empty() ? command.submitted : command.segments.back().until;
  command.passed(Cause::sme, now);
  busy_ += now - begin;
  command.finished = last_finished_ = now;
  const std::uint64_t before = moved();
  std::vector<std::int64_t> sums(static_cast<std::size_t>(chip_.sums(work.layer)));
  if (result_bytes_ == sizeof(std::int32_t)) {
    std::vector<std::int32_t> words(sums.size());
    read(HostMap::kShortResult, words.data(), words.size() * sizeof words[0]);
    std::copy(words.begin(), words.end(), sums.begin());
  } else {
    read(HostMap::kResult, sums.data(), sums.size() * sizeof sums[0]);
  }
  set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kPop);
  if (work.checked) compare(command, work, sums);
  command.account.bus_bytes += moved() - before;
  command.account.sme_j = energy_of(work.layer, work.planes);
  energy_j_ += command.account.sme_j;
  macs_ += chip_.maps()[work.layer]->macs;
  ++products_;
  command.passed(Cause::bus, this->now());
  done(command);
}

double SmeChannel::energy_of(std::uint32_t layer, unsigned planes) {
  const auto [place, added] = energies_.try_emplace({layer, planes}, 0);
  if (added) place->second = cost_.energy_j(chip_.product_activity(layer, planes));
  return place->second;
}

void SmeChannel::compare(const Command& command, const GemvWork& work,
                         const std::vector<std::int64_t>& sums) {
  std::vector<std::uint8_t> bytes(sums.size() * 4);
  for (std::size_t s = 0; s < sums.size(); ++s) {
    for (unsigned i = 0; i < 4; ++i)
      bytes[s * 4 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(sums[s]) >> (8 * i));
  }
  ++checked_;
  const std::uint64_t digest = workload::fnv1a(bytes);
  if (digest == work.digest) return;
  if (mismatches_++ > 0) return;
  std::ostringstream text;
  text << "token " << work.token << ", layer " << command.layer << " " << common::name(command.operation)
       << ": digest " << std::hex << digest << ", the trace has " << work.digest;
  first_mismatch_ = text.str();
}

SmeUnits::SmeUnits(const Settings& settings) : settings_(settings) {
  sme::LoadedLayers all = sme::load_layers(settings.sme);
  // Decoder layers in their order over the chips, so that each gets about the same number of crossbars.
  std::map<std::uint32_t, std::uint64_t> crossbars;  // by decoder layer
  std::uint64_t total = 0;
  const auto size_of = [&](const sme::LoadedLayers::Place& place) {
    std::uint64_t n = all.layers[place.int8]->map().crossbars;
    if (place.int4 != place.int8) n += all.layers[place.int4]->map().crossbars;
    return n;
  };
  for (const auto& [key, place] : all.places) {
    if (settings.on_gpu(key.layer)) continue;
    crossbars[key.layer] += size_of(place);
    total += size_of(place);
  }
  const unsigned chips = settings.sme_units.chips;
  units_.resize(chips);
  std::map<std::uint32_t, unsigned> chip_of;
  std::uint64_t before = 0;
  for (const auto& [layer, n] : crossbars) {
    // The chip in whose share the middle of the layer lies.
    chip_of[layer] =
        total == 0 ? 0
                   : std::min<unsigned>(chips - 1, static_cast<unsigned>((before + n / 2) * chips / total));
    before += n;
  }
  for (const auto& [key, place] : all.places) {
    if (settings.on_gpu(key.layer)) continue;
    const unsigned unit = chip_of.at(key.layer);
    sme::LoadedLayers& to = units_[unit].loaded;
    to.origin = all.origin;
    sme::LoadedLayers::Place local = place;
    const auto take = [&](std::uint32_t index) {
      to.layers.push_back(std::move(all.layers[index]));
      to.macs.push_back(all.macs[index]);
      return static_cast<std::uint32_t>(to.layers.size() - 1);
    };
    local.int8 = take(place.int8);
    local.int4 = place.int4 == place.int8 ? local.int8 : take(place.int4);
    to.places[key] = local;
    unit_of_[key] = unit;
  }
}

SmeUnits::~SmeUnits() = default;

void SmeUnits::check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) const {
  for (const Unit& unit : units_) {
    if (!unit.loaded.layers.empty()) sme::check_layers(settings_.sme, unit.loaded, resolved, diagnostics);
    if (!diagnostics.ok()) return;
  }
}

void SmeUnits::elaborate(unsigned first_channel, common::HostLink& link, sim::app::RunContext& context) {
  first_channel_ = first_channel;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    unit.group = std::make_unique<sim::stats::Group>(context.stats, "chips", i);
    const std::string name = "sme" + std::to_string(i);
    sme::Chip* chip = nullptr;  // null: loosely timed
    if (settings_.fast()) {
      std::vector<std::uint32_t> row_groups(unit.loaded.layers.size(), 0);
      for (const auto& [key, place] : unit.loaded.places) {
        if (place.group > 0) row_groups[place.int4] = place.group;
      }
      unit.chip = std::make_unique<sme::LooseChip>(name.c_str(), settings_.sme.chip_config(),
                                                   unit.loaded.layers, std::move(row_groups), context.failure,
                                                   *unit.group, settings_.sme_units.port);
    } else {
      unit.recorder = std::make_unique<sim::record::Recorder>(
          context.recorder, sim::period_ps(settings_.sme.chip.config.clock_mhz),
          [name](const std::string& path) { return name + " " + path; });
      auto made = std::make_unique<sme::Chip>(name.c_str(), settings_.sme.chip_config(), unit.loaded.layers,
                                              context.failure, *unit.group, *unit.recorder,
                                              &settings_.sme_units.port);
      for (const auto& [key, place] : unit.loaded.places) {
        if (place.group > 0) made->set_row_group(place.int4, place.group);
      }
      made->domain().shuffle(context.shuffle_seed);
      chip = made.get();
      unit.chip = std::move(made);
    }
    if (i == 0) {
      cost_ = sme::cost_table(settings_.sme.tech, unit.chip->config(), settings_.sme.crossbar.shape.rows,
                              settings_.sme.crossbar.shape.cols, settings_.sme.adc_bits(),
                              settings_.sme.crossbar.read_ns);
    }
    unit.channel =
        std::make_unique<SmeChannel>(("host_" + name).c_str(), first_channel + static_cast<unsigned>(i),
                                     *unit.chip, cost_, settings_.sme_units, link, context.failure);
    unit.irq = std::make_unique<sc_core::sc_signal<bool>>((name + "_irq").c_str());
    if (chip != nullptr) chip->irq.bind(*unit.irq);
    unit.channel->irq.bind(*unit.irq);
  }
}

GemvPlace SmeUnits::find(std::uint32_t layer, int matrix, bool int4) const {
  const auto unit = unit_of_.find({layer, matrix});
  if (unit == unit_of_.end()) {
    throw sim::Error(sim::Exit::input, settings_.workload.trace + ": no weights of layer " +
                                           std::to_string(layer) + ", matrix " + std::to_string(matrix) +
                                           ", which a product needs; write the trace with --weights codes");
  }
  const sme::LoadedLayers::Place& place = units_[unit->second].loaded.places.at({layer, matrix});
  GemvPlace result;
  result.channel = first_channel_ + unit->second;
  result.layer = int4 ? place.int4 : place.int8;
  result.planes = int4 ? place.int4_planes : 0;
  return result;
}

bool SmeUnits::write_crossbars(const std::filesystem::path& file, common::Ps end) const {
  std::uint64_t crossbars = 0;
  for (const Unit& unit : units_) crossbars += unit.chip->placement().crossbars;
  if (crossbars > 100'000 || settings_.fast()) return false;  // a loosely timed chip counts no crossbar
  std::ofstream out(file);
  out << "chip," << sme::kUtilisationColumns << "\n";
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const auto& chip = static_cast<const sme::Chip&>(*units_[i].chip);
    sme::utilisation_rows(chip, end / chip.domain().period().value(), std::to_string(i) + ",", out);
  }
  return true;
}

bool SmeUnits::exact() const {
  return settings_.sme.adc_bits() >= sme::exact_adc_bits(settings_.sme.crossbar.shape) &&
         settings_.sme.squeeze.degree == 0 && !settings_.sme.devices.any();
}

}  // namespace platform
