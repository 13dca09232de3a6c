// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/platform.h"

#include <algorithm>
#include <utility>

#include "models/common/loose_gpu.h"
#include "models/sme/bank.h"
#include "sim/core/error.h"

namespace platform {

using common::UnitChannel;

namespace {

// The GPU's memory begins at address 0, so its kernels' addresses are the bus's; registers lie above all
// memory.
constexpr std::uint64_t kRegisters = std::uint64_t{1} << 46;

std::unique_ptr<common::Gpu> make_gpu(const Settings& settings, sim::stats::Group& stats) {
  if (settings.fast()) return std::make_unique<common::LooseGpu>("gpu0", settings.gpu.unit, stats, 0);
  return std::make_unique<common::GpuUnit>("gpu0", settings.gpu.unit, stats, 0);
}

unsigned users(const SmeUnits* sme, const Settings& settings) {
  return 1 + (sme == nullptr ? 0 : static_cast<unsigned>(sme->units().size())) +
         (settings.encrypts() ? settings.allmod_units.units : 0) + (settings.prefills() ? 1 : 0);
}

}  // namespace

Platform::Platform(const Settings& given, const TraceSurvey& trace, SmeUnits* chips, AllmodUnits* reducers,
                   RingUnit* cluster, sim::app::RunContext& context)
    : settings(given),
      survey(trace),
      sme(chips),
      allmod(reducers),
      ring(cluster),
      region(context.region, std::max<std::uint64_t>(trace.tokens, 1)),
      model(given, trace),
      hbm("hbm0", given.hbm, context.stats, 0),
      gpu(make_gpu(given, context.stats)),
      link("link", given.bus, users(chips, given), context.stats),
      gpu_channel("host_gpu0", TraceCommands::kGpu, given.gpu.unit.queue, link, context.failure),
      gpu_irq("gpu0_irq") {
  gpu->bind_irq(gpu_irq);
  gpu_channel.irq.bind(gpu_irq);
  if (context.recorder.spans()) timeline = std::make_unique<Timeline>(context.recorder, unit_names());
  // Channels in the order of channels(). On the timeline a unit's tracks are where it is built, and those of
  // the chips, with all their banks, come last.
  const unsigned first_chip = TraceCommands::kGpu + 1;
  const unsigned first_allmod =
      first_chip + (sme == nullptr ? 0 : static_cast<unsigned>(sme->units().size()));
  const unsigned ring_channel = first_allmod + (allmod == nullptr ? 0 : settings.allmod_units.units);
  if (ring != nullptr) ring->elaborate(ring_channel, link, context);
  if (allmod != nullptr) allmod->elaborate(first_allmod, link, context);
  if (sme != nullptr) sme->elaborate(first_chip, link, context);
  std::vector<unsigned> chains;
  for (unsigned channel = first_allmod; channel < ring_channel; ++channel) chains.push_back(channel);
  commands = std::make_unique<TraceCommands>(settings, model, sme, chains, ring == nullptr ? 0 : ring_channel,
                                             region);
  player = std::make_unique<common::Player>("host", settings.host, *commands, channels(), context.failure,
                                            context.stats);
  wire(context.check_protocol);
  if (settings.fast()) {
    const auto quantum = sc_core::sc_time(settings.fidelity.quantum_us, sc_core::SC_US);
    tlm::tlm_global_quantum::instance().set(quantum);
    link.decouple(quantum.value());
    hbm.decouple(quantum.value(), common::GpuUnit::kStreams);
    for (UnitChannel* channel : channels()) channel->decouple();
    player->shuffle(context.shuffle_seed);
  }
  if (timeline) player->on_wait([this](const common::Wait& wait) { timeline->wait(wait); });
  listen();
}

Platform::~Platform() = default;

std::vector<UnitChannel*> Platform::channels() {
  std::vector<UnitChannel*> list = {&gpu_channel};
  if (sme != nullptr) {
    for (SmeUnits::Unit& unit : sme->units()) list.push_back(unit.channel.get());
  }
  if (allmod != nullptr) {
    for (AllmodUnits::Unit& unit : allmod->units()) list.push_back(unit.channel.get());
  }
  if (ring != nullptr) list.push_back(&ring->channel());
  return list;
}

std::vector<std::string> Platform::unit_names() const {
  std::vector<std::string> names = {"gpu0"};
  const auto add = [&names](const char* name, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) names.push_back(name + std::to_string(i));
  };
  if (sme != nullptr) add("sme", sme->units().size());
  if (allmod != nullptr) add("allmod", settings.allmod_units.units);
  if (ring != nullptr) names.push_back("ring");
  return names;
}

void Platform::wire(bool check_protocol) {
  sim::bus::AddressMap map;
  std::vector<tlm::tlm_target_socket<64>*> targets;
  map.add("hbm0", 0, settings.hbm.gibytes << 30);
  targets.push_back(&hbm.socket);
  std::uint64_t at = kRegisters;
  const auto place = [&](const std::string& name, std::uint64_t bytes, tlm::tlm_target_socket<64>& socket,
                         UnitChannel& channel) {
    map.add(name, at, bytes);
    targets.push_back(&socket);
    channel.set_base(at);
    at += (bytes + 0xffffff) / 0x1000000 * 0x1000000;
  };
  place("gpu0", common::GpuMap::kBytes, gpu->socket(), gpu_channel);
  if (sme != nullptr) {
    for (std::size_t i = 0; i < sme->units().size(); ++i) {
      SmeUnits::Unit& unit = sme->units()[i];
      place("sme" + std::to_string(i), sme::HostMap::bank(unit.chip->config().banks), unit.chip->socket(),
            *unit.channel);
    }
  }
  if (allmod != nullptr) {
    for (std::size_t i = 0; i < allmod->units().size(); ++i) {
      AllmodUnits::Unit& unit = allmod->units()[i];
      place("allmod" + std::to_string(i), allmod::ModMulMap::kBytes, unit.unit->socket(), *unit.channel);
    }
  }
  if (ring != nullptr) place("ring", ring::ClusterMap::kBytes, ring->socket(), ring->channel());
  std::vector<tlm::tlm_initiator_socket<64>*> initiators;
  for (UnitChannel* channel : channels()) initiators.push_back(&channel->socket());
  initiators.push_back(&gpu->memory_socket());

  router = std::make_unique<sim::bus::Router<64>>("bus", static_cast<unsigned>(initiators.size()), map);
  const auto bind = [&](tlm::tlm_initiator_socket<64>& from, tlm::tlm_target_socket<64>& to) {
    if (!check_protocol) return from.bind(to);
    checkers.push_back(std::make_unique<sim::bus::ProtocolChecker<64>>(
        ("checker" + std::to_string(checkers.size())).c_str()));
    from.bind(checkers.back()->target_socket);
    checkers.back()->initiator_socket.bind(to);
  };
  for (unsigned i = 0; i < initiators.size(); ++i) bind(*initiators[i], router->target_sockets[i]);
  for (unsigned i = 0; i < targets.size(); ++i) bind(router->initiator_sockets[i], *targets[i]);
}

TokenResult& Platform::result_of(std::uint64_t token) {
  if (token == TraceCommands::kPrefill) return prefill;
  if (tokens.size() <= token) tokens.resize(static_cast<std::size_t>(token) + 1);
  return tokens[static_cast<std::size_t>(token)];
}

void Platform::listen() {
  player->on_command([this](const common::Command& command) {
    result_of(command.token).account.add(command.account);
    ++served[static_cast<std::size_t>(command.operation)];
    macs_done += command.account.macs;
    hbm_bytes_done += command.account.hbm_bytes;
    bus_bytes_done += command.account.bus_bytes;
    end = std::max(end, command.done);
    if (timeline) timeline->command(command);
  });
  player->on_token([this](const common::TokenTimes& times) {
    TokenResult& result = result_of(times.token);
    result.times = times;
    result.complete = true;
    if (times.token != TraceCommands::kPrefill) ++tokens_done;
    if (timeline) timeline->end_token();
  });
}

}  // namespace platform
