// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/job.h"

#include <algorithm>
#include <utility>

#include "models/sme/layers.h"
#include "models/sme/pictures.h"
#include "models/sme/platform.h"
#include "models/sme/settings_check.h"
#include "sim/core/error.h"
#include "sim/core/region.h"
#include "sim/log/log.h"

namespace sme {

using sim::Cycle;

SmeJob::SmeJob() = default;
SmeJob::~SmeJob() = default;

void SmeJob::check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) {
  settings_.locate(resolved);
  settings_.check(resolved, diagnostics);
  if (!diagnostics.ok()) return;
  loaded_ = std::make_unique<LoadedLayers>(load_layers(settings_));
  check_layers(settings_, *loaded_, resolved, diagnostics);
}

bool SmeJob::rests_on(const std::string& path) const { return settings_matter(settings_, path); }

void SmeJob::elaborate(sim::app::RunContext& context) {
  const sim::RegionConfig& r = context.region;
  if (r.skip + r.warmup + r.measure + r.every > 0) {
    throw sim::Error(
        sim::Exit::usage,
        "region: model sme samples by layer; use workload.positions (products of each layer), or "
        "workload.first and workload.count (tokens of a trace) instead");
  }
  if (!loaded_) loaded_ = std::make_unique<LoadedLayers>(load_layers(settings_));
  platform_ = std::make_unique<Platform>(settings_, *loaded_, context);
  const Placement& placement = platform_->chip.placement();
  context.log.info("sme", "{} crossbars in {} CUs of {} (placement {}), {} round{}", placement.crossbars,
                   placement.units,
                   std::uint64_t{platform_->chip.config().banks} * platform_->chip.config().units,
                   name(placement.kind), placement.rounds.size(), placement.rounds.size() == 1 ? "" : "s");
  const std::string& rounding = platform_->chip.domain().rounding();
  if (!rounding.empty()) context.log.info("sme", "{}", rounding);
}

std::uint64_t SmeJob::total() const { return platform_->source->total(); }
std::uint64_t SmeJob::done() const { return platform_->source->products(); }
bool SmeJob::finished() const { return platform_->source->finished(); }
Cycle SmeJob::cycles() const {
  return finished() ? platform_->source->last_cycle()
                    : std::max(platform_->source->last_cycle(), platform_->chip.domain().now());
}
std::string SmeJob::deadlock() {
  return platform_->watchdog ? platform_->watchdog->report() : platform_->chip.controller().state();
}
std::optional<std::uint64_t> SmeJob::seed() const {
  if (settings_.replays()) return std::nullopt;  // nothing is drawn
  return settings_.workload.seed;
}
std::string SmeJob::trace_digest() const { return platform_->replay ? platform_->replay->digest() : ""; }

// Everything that went in came out, and what the units counted is what their work says.
void SmeJob::conclude(bool partial) {
  const auto fail = [](const std::string& text) { throw sim::Error(sim::Exit::check, text); };
  if (platform_->replay != nullptr && platform_->replay->mismatches() > 0 && exact()) {
    fail(std::to_string(platform_->replay->mismatches()) + " of " +
         std::to_string(platform_->replay->checked()) +
         " products differ from the trace's digests although the ADCs are exact; the first: " +
         platform_->replay->first_mismatch());
  }
  if (partial) return;
  for (unsigned b = 0; b < platform_->chip.config().banks; ++b) {
    const BankCore& bank = platform_->chip.bank(b).core();
    if (bank.in_flight() > 0 || bank.edram_used() > 0) fail(bank.name() + " is not empty: " + bank.state());
  }
  for (std::uint32_t l = 0; l < platform_->chip.maps().size(); ++l) {
    if (platform_->activity(l) == platform_->expected(l)) continue;
    std::string text = "layer " + platform_->chip.maps()[l]->name + ": events do not add up:";
    for (std::size_t c = 0; c < kComponents; ++c) {
      const auto got = platform_->activity(l).events[c], want = platform_->expected(l).events[c];
      if (got == want) continue;
      text += std::string(" ") + name(static_cast<Component>(c)) + " " + std::to_string(got) + " counted, " +
              std::to_string(want) + " expected;";
    }
    fail(text);
  }
}

bool SmeJob::exact() const {
  return settings_.adc_bits() >= exact_adc_bits(settings_.crossbar.shape) && settings_.squeeze.degree == 0 &&
         !settings_.devices.any();
}

void SmeJob::artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) {
  write_pictures(*platform_, run_dir, list);
}

}  // namespace sme
