// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/chip.h"

#include <string>
#include <utility>

#include "sim/core/error.h"

namespace sme {

std::vector<const LayerMap*> maps_of(const std::vector<std::shared_ptr<const Layer>>& layers) {
  std::vector<const LayerMap*> maps;
  for (const auto& layer : layers) maps.push_back(&layer->map());
  return maps;
}

Chip::Chip(sc_core::sc_module_name name, const ChipConfig& config,
           std::vector<std::shared_ptr<const Layer>> layers, sim::Failure& failure, sim::stats::Group& stats,
           sim::record::Recorder& recorder, const HostPortConfig* host)
    : sc_module(name),
      irq("irq"),
      config_(config),
      domain_("clock", config.clock_mhz, failure),
      layers_(std::move(layers)),
      maps_(maps_of(layers_)),
      placement_(place(maps_, config_)),
      row_groups_(maps_.size()),
      stats_(stats, "sme"),
      chip_bus_(domain_, config_, recorder),
      controller_(domain_, config_, chip_bus_, recorder) {
  for (const Round& round : placement_.rounds) programs_.push_back(build_program(maps_, round, config_));
  sim::bus::PortTiming timing;
  if (host != nullptr) timing = host->timing(domain_.period());
  sim::bus::AddressMap windows;
  if (host != nullptr) windows.add("chip", 0, HostMap::kBytes);
  for (unsigned i = 0; i < config_.banks; ++i) {
    banks_.push_back(std::make_unique<Bank>(("bank" + std::to_string(i)).c_str(), domain_, config_, i,
                                            chip_bus_, controller_, stats_, recorder,
                                            host != nullptr ? &timing : nullptr));
    chip_bus_.connect(banks_.back()->core());
    if (host != nullptr) windows.add("bank" + std::to_string(i), HostMap::bank(i), BankMap::kBytes);
  }
  if (host == nullptr) return;
  host_ = std::make_unique<HostPort>(*this, *host,
                                     [this](const sc_core::sc_time& delay) { irq_event_.notify(delay); });
  controller_.bind(*host_);
  port_ = std::make_unique<sim::bus::TargetPort<64>>("host", *host_, timing);
  router_ = std::make_unique<sim::bus::Router<64>>("router", 1, windows);
  router_->initiator_sockets[0].bind(port_->socket);
  for (unsigned i = 0; i < config_.banks; ++i) router_->initiator_sockets[i + 1].bind(banks_[i]->socket());
  SC_HAS_PROCESS(Chip);
  SC_METHOD(drive_irq);
  sensitive << irq_event_;
  dont_initialize();
}

Chip::~Chip() = default;

tlm::tlm_target_socket<64>& Chip::socket() {
  if (!router_) throw sim::Error(sim::Exit::usage, std::string(this->name()) + ": built without a socket");
  return router_->target_sockets[0];
}

void Chip::drive_irq() {
  if (irq.size() > 0) irq->write(host_->irq());
}

LayerWork* Chip::work(std::uint32_t layer, unsigned planes, std::size_t round, unsigned input_bits) {
  auto& slot = works_[{layer, planes, round, input_bits}];
  if (!slot) {
    slot = std::make_unique<LayerWork>();
    const bool any = build_work(maps_, layer, placement_.rounds[round], planes, config_, input_bits, *slot,
                                row_groups_[layer]);
    // A layer without crossbars (all weights zero) runs in the first round, in no time.
    if (!any && (round > 0 || maps_[layer]->crossbars > 0)) slot->layer = ~std::uint32_t{0};
  }
  return slot->layer == layer ? slot.get() : nullptr;
}

std::vector<const LayerWork*> Chip::works(std::uint32_t layer) const {
  std::vector<const LayerWork*> list;
  for (auto i = works_.lower_bound({layer, 0, 0, 0}); i != works_.end() && std::get<0>(i->first) == layer;
       ++i) {
    if (i->second->layer == layer) list.push_back(i->second.get());
  }
  return list;
}

std::vector<const LayerWork*> Chip::works(std::uint32_t layer, std::size_t round) const {
  std::vector<const LayerWork*> list;
  for (auto i = works_.lower_bound({layer, 0, 0, 0}); i != works_.end() && std::get<0>(i->first) == layer;
       ++i) {
    if (i->second->layer == layer && std::get<2>(i->first) == round) list.push_back(i->second.get());
  }
  return list;
}

Activity Chip::expected(const LayerWork& work) const {
  return work_activity(work, *maps_[work.layer], config_, false);
}
Activity Chip::counted(const LayerWork& work) const {
  return work_activity(work, *maps_[work.layer], config_, true);
}

Activity Chip::product_activity(std::uint32_t layer, unsigned planes) {
  Activity activity;
  for (std::size_t r = 0; r < placement_.rounds.size(); ++r) {
    if (const LayerWork* w = work(layer, planes, r, layers_[layer]->settings().input_bits))
      activity.add(expected(*w));
  }
  return activity;
}

Activity Chip::layer_activity(std::uint32_t layer) const {
  Activity activity;
  for (const LayerWork* w : works(layer)) activity.add(counted(*w));
  return activity;
}

std::uint64_t Chip::layer_products(std::uint32_t layer) const {
  std::uint64_t products = 0;
  for (const LayerWork* w : works(layer, 0)) products += w->products;
  return products;
}

}  // namespace sme
