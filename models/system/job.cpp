// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/job.h"

#include <systemc>

#include "models/system/platform.h"
#include "models/system/sme_units.h"
#include "sim/core/error.h"
#include "sim/log/log.h"

namespace platform {

using common::Operation;

SystemJob::SystemJob() = default;
SystemJob::~SystemJob() = default;

void SystemJob::check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) {
  settings_.check(resolved, diagnostics);
  if (!diagnostics.ok() || !settings_.uses_sme()) return;
  sme_ = std::make_unique<SmeUnits>(settings_);
  sme_->check(resolved, diagnostics);
}

void SystemJob::elaborate(sim::app::RunContext& context) {
  if (!settings_.survey)
    settings_.survey = std::make_shared<TraceSurvey>();  // `describe`: the defaults, nothing to play
  if (settings_.encrypts() && settings_.allmod.replay) allmod_ = std::make_unique<AllmodUnits>(settings_);
  if (settings_.prefills() && settings_.ring.built) ring_ = std::make_unique<RingUnit>(settings_);
  platform_ = std::make_unique<Platform>(settings_, *settings_.survey, sme_.get(), allmod_.get(), ring_.get(),
                                         context);
  if (sme_ != nullptr) {
    for (const SmeUnits::Unit& unit : sme_->units()) {
      const sme::Placement& placement = unit.chip->placement();
      context.log.info("system", "{}: {} matrices in {} crossbars, {} round{}", unit.chip->chip_name(),
                       unit.loaded.layers.size(), placement.crossbars, placement.rounds.size(),
                       placement.rounds.size() == 1 ? "" : "s");
    }
  }
}

std::uint64_t SystemJob::total() const { return platform_->region.simulated_count(); }
std::uint64_t SystemJob::done() const { return platform_->tokens_done; }
bool SystemJob::finished() const { return platform_->finished(); }

sim::Cycle SystemJob::cycles() const {
  common::Ps end = platform_->end;
  if (!finished()) end = std::max<common::Ps>(end, sc_core::sc_time_stamp().value());
  return (end + 999) / 1000;
}

std::string SystemJob::deadlock() {
  std::string text = platform_->player->blocked();
  if (ring_ != nullptr && !ring_->blocked().empty()) text += "\n" + ring_->blocked();
  return text;
}

std::optional<sim::app::Sampled> SystemJob::sampled() const {
  const sim::Region& region = platform_->region;
  if (region.measured_count() == region.total()) return std::nullopt;
  sim::app::Sampled sampled;
  sampled.share = region.share();
  sampled.windows = region.windows();
  return sampled;
}

// Everything that went in came out, once, and what the units counted is what the commands say.
void SystemJob::conclude(bool partial) {
  const Platform& p = *platform_;
  const auto fail = [](const std::string& text) { throw sim::Error(sim::Exit::check, text); };
  if (sme_ != nullptr) {
    for (const SmeUnits::Unit& unit : sme_->units()) {
      if (unit.channel->mismatches() == 0 || !sme_->exact()) continue;
      fail(std::to_string(unit.channel->mismatches()) + " of " + std::to_string(unit.channel->checked()) +
           " products of " + unit.chip->chip_name() +
           " differ from the trace's digests although the ADCs are exact; the first: " +
           unit.channel->first_mismatch());
    }
  }
  if (allmod_ != nullptr) {
    for (const AllmodUnits::Unit& unit : allmod_->units()) {
      const AllmodChannel& c = *unit.channel;
      if (c.mismatches() == 0 && c.wrong_outputs() == 0) continue;
      fail(std::to_string(c.mismatches()) + " of " + std::to_string(c.reductions()) + " reductions of " +
           unit.unit->unit_name() + " differ from GMP's, " + std::to_string(c.wrong_outputs()) + " of " +
           std::to_string(c.outputs()) + " outputs from mpz_powm's");
    }
  }
  if (ring_ != nullptr) ring_->conclude(partial);
  if (partial) return;
  const auto same = [&](const std::string& what, std::uint64_t a, const char* at_a, std::uint64_t b,
                        const char* at_b) {
    if (a != b)
      fail(what + " do not add up: " + std::to_string(a) + " " + at_a + ", " + std::to_string(b) + " " +
           at_b);
  };
  for (const Operation kind :
       {Operation::qkv_proj, Operation::o_proj, Operation::gate_up_proj, Operation::down_proj,
        Operation::lm_head, Operation::attention, Operation::encrypted}) {
    same(std::string("records of ") + common::name(kind), p.commands->records(kind), "in the trace",
         p.served[static_cast<std::size_t>(kind)], "commands done");
  }
  same("MACs", p.commands->macs(), "in the trace", p.macs_done, "by commands done");
  same("bytes of the memory", p.hbm.bytes_read() + p.hbm.bytes_written(), "there", p.hbm_bytes_done,
       "of commands done");
  same("bytes of the GPU", p.gpu->bytes(), "asked for", p.hbm_bytes_done, "of commands done");
  std::uint64_t moved = 0, on_chips = 0, by_commands = 0;
  for (const common::UnitChannel* channel : platform_->channels()) {
    moved += channel->moved();
    channel->pool().check();
  }
  same("bytes of the bus", moved + p.link.transfers() * settings_.bus.header_bytes, "sent by the host",
       p.link.bytes(), "on the link");
  if (sme_ != nullptr) {
    for (const SmeUnits::Unit& unit : sme_->units()) {
      by_commands += unit.channel->macs();
      for (std::uint32_t l = 0; l < unit.chip->maps().size(); ++l)
        on_chips += unit.chip->layer_products(l) * unit.chip->maps()[l]->macs;
    }
    same("MACs of the chips", on_chips, "counted by them", by_commands, "of commands done");
  }
  if (!p.gpu->idle() || p.hbm.outstanding() != 0)
    fail("the GPU or its memory is still at work behind the last command");
  p.gpu->pool().check();
}

}  // namespace platform
