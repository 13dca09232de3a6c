// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/loose_chip.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "models/sme/product_time.h"
#include "sim/tlm/device.h"

namespace sme {

using sim::bus::inside;

LooseChip::LooseChip(sc_core::sc_module_name name, const ChipConfig& config,
                     std::vector<std::shared_ptr<const Layer>> layers, std::vector<std::uint32_t> row_groups,
                     sim::Failure& failure, sim::stats::Group& stats, const HostPortConfig& host)
    : sc_module(name),
      config_(config),
      host_(host),
      layers_(std::move(layers)),
      maps_(maps_of(layers_)),
      row_groups_(std::move(row_groups)),
      placement_(place(maps_, config_)),
      clock_("clock", config.clock_mhz, failure),
      period_ps_(clock_.period().value()),
      port_("host", *this, host.timing(clock_.period())),
      group_(stats, "sme"),
      done_(group_, "products", "product", "products done"),
      cycles_(group_, "busy", "cycle", "from START to the last output, summed over products") {
  std::uint32_t most = 1;
  for (const LayerMap* map : maps_) most = std::max(most, map->inputs);
  inputs_.resize(most);
  if (placement_.rounds.size() == 1) return;  // written once, before the run
  for (const Round& round : placement_.rounds) {
    program_cycles_.push_back(program_cycles(build_program(maps_, round, config_), config_));
  }
}

LooseChip::~LooseChip() = default;

LooseChip::Product& LooseChip::product(std::uint32_t layer, unsigned planes) {
  const auto [place, added] = products_.try_emplace({layer, planes});
  Product& product = place->second;
  if (!added) return product;
  for (std::size_t r = 0; r < placement_.rounds.size(); ++r) {
    LayerWork work;
    const bool any = build_work(maps_, layer, placement_.rounds[r], planes, config_,
                                layers_[layer]->settings().input_bits, work, row_groups_[layer]);
    if (!any && (r > 0 || maps_[layer]->crossbars > 0)) continue;
    product.passes.emplace_back(r, sme::product_cycles(work, config_));
    product.activity.add(work_activity(work, *maps_[layer], config_, false));
  }
  return product;
}

Cycle LooseChip::product_cycles(std::uint32_t layer, unsigned planes) {
  Cycle cycles = 0;
  for (const auto& [round, pass] : product(layer, planes).passes) cycles += pass;
  return cycles;
}

Activity LooseChip::product_activity(std::uint32_t layer, unsigned planes) {
  return product(layer, planes).activity;
}

Activity LooseChip::layer_activity(std::uint32_t layer) const {
  Activity activity;
  for (auto p = products_.lower_bound({layer, 0}); p != products_.end() && p->first.first == layer; ++p) {
    activity.add(p->second.activity, p->second.done);
  }
  return activity;
}

std::uint64_t LooseChip::layer_products(std::uint32_t layer) const {
  std::uint64_t products = 0;
  for (auto p = products_.lower_bound({layer, 0}); p != products_.end() && p->first.first == layer; ++p) {
    products += p->second.done;
  }
  return products;
}

sim::bus::LooseDevice::Reply LooseChip::access(tlm::tlm_generic_payload& payload,
                                               const sc_core::sc_time& at) {
  const std::uint64_t address = payload.get_address(), bytes = payload.get_data_length();
  if (inside(address, bytes, HostMap::kInput, HostMap::kInputBytes)) {
    if (!payload.is_write()) return {tlm::TLM_COMMAND_ERROR_RESPONSE};
    const std::uint64_t offset = address - HostMap::kInput;
    if (!inside(offset, bytes, 0, inputs_.size())) return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
    std::memcpy(inputs_.data() + offset, payload.get_data_ptr(), bytes);
    return {};
  }
  if (inside(address, bytes, HostMap::kShortResult, HostMap::kShortResultBytes)) {
    if (!payload.is_read()) return {tlm::TLM_COMMAND_ERROR_RESPONSE};
    if (!there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    const std::uint64_t word = sizeof(std::int32_t), first = (address - HostMap::kShortResult) / word;
    if (config_.sum_bytes > word || bytes % word != 0 || address % word != 0 ||
        !inside(first, bytes / word, 0, result_.size())) {
      return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
    }
    const auto begin = result_.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<std::int32_t> words(begin, begin + static_cast<std::ptrdiff_t>(bytes / word));
    std::memcpy(payload.get_data_ptr(), words.data(), bytes);
    return {};
  }
  if (inside(address, bytes, HostMap::kResult, HostMap::kResultBytes)) {
    if (!payload.is_read()) return {tlm::TLM_COMMAND_ERROR_RESPONSE};
    if (!there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    const std::uint64_t offset = address - HostMap::kResult;
    if (!inside(offset, bytes, 0, result_.size() * sizeof(std::int64_t)))
      return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
    std::memcpy(payload.get_data_ptr(), reinterpret_cast<const unsigned char*>(result_.data()) + offset,
                bytes);
    return {};
  }
  if (bytes != sizeof(std::uint64_t) || !payload.is_write()) return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  std::uint64_t value = 0;
  std::memcpy(&value, payload.get_data_ptr(), sizeof value);
  if (address == HostMap::kControl) return control(value, at.value());
  if (address == HostMap::kLayer && value < maps_.size()) {
    layer_ = value;
    return {};
  }
  if (address == HostMap::kPlanes && value <= kMaxMagnitudeBits) {
    planes_ = value;
    return {};
  }
  return {tlm::TLM_GENERIC_ERROR_RESPONSE};
}

sim::bus::LooseDevice::Reply LooseChip::control(std::uint64_t value, std::uint64_t at_ps) {
  if ((value & HostMap::kPop) != 0) {
    if (!there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    there_ = false;
  }
  if ((value & HostMap::kStart) == 0) return {};
  if (there_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  const auto layer = static_cast<std::uint32_t>(layer_);
  Product& p = product(layer, static_cast<unsigned>(planes_));
  const Cycle started = std::max(at_ps / period_ps_ + 1, free_);
  Cycle end = started;
  for (const auto& [round, cycles] : p.passes) {
    if (!program_cycles_.empty() && programmed_ != round) {
      programmed_ = round;
      end += program_cycles_[round];
    }
    end += cycles;
  }
  std::uint64_t clips = 0;
  const std::vector<std::uint8_t> inputs(inputs_.begin(), inputs_.begin() + maps_[layer]->inputs);
  result_ = product_sums(*layers_[layer], inputs, host_.signed_inputs, static_cast<unsigned>(planes_),
                         row_groups_[layer], sums(layer), clips);
  there_ = true;
  free_ = end;
  ++p.done;
  ++done_;
  cycles_ += end - started;
  return {tlm::TLM_OK_RESPONSE, (end + 1) * period_ps_};
}

}  // namespace sme
