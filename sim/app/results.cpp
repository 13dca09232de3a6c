// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/results.h"

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <sstream>

#include "sim/app/build_info.h"
#include "sim/app/progress.h"
#include "sim/stats/json.h"

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;

double sim_time_s(const RunFacts& facts) {
  return static_cast<double>(facts.cycles) * static_cast<double>(facts.period_ps) / 1e12;
}

Json seed_of(const Job& job) {
  const auto seed = job.seed();
  return seed ? Json(*seed) : Json();
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json region_json(const Job& job) {
  const auto sampled = job.sampled();
  if (!sampled) return {};
  Json region;
  region["share"] = sampled->share;
  region["windows"] = sampled->windows;
  region["extrapolated"] = sampled->extrapolated;
  region["ci95_of"] = text_or_null(sampled->ci95_of);
  region["ci95"] = sampled->ci95 ? Json(*sampled->ci95) : Json();
  return region;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100 * share);
  return text;
}

void write_sampling(std::ostream& out, const Sampled& sampled) {
  out << "\nSampled: measured " << percent(sampled.share) << " of the workload in " << sampled.windows
      << (sampled.windows == 1 ? " window" : " windows") << ".\n";
  if (!sampled.extrapolated.empty()) {
    out << "  extrapolated to the whole from this share: ";
    for (const auto& key : sampled.extrapolated)
      out << (&key == &sampled.extrapolated.front() ? "" : ", ") << key;
    out << "\n";
  }
  if (sampled.ci95) out << "  95 % confidence of " << sampled.ci95_of << ": +- " << *sampled.ci95 << "\n";
}

void write_assumed(std::ostream& out, const Loaded& loaded, const Job& job) {
  const auto assumed = assumed_settings(loaded, job);
  if (assumed.empty()) {
    out << "\nNo setting that this result rests on is assumed.\n";
    return;
  }
  out << "\nThis result rests on " << assumed.size() << " assumed "
      << (assumed.size() == 1 ? "setting" : "settings") << " (--strict refuses them):\n";
  for (const auto* entry : assumed) {
    out << "  " << entry->path << " = " << entry->value << (entry->unit.empty() ? "" : " ") << entry->unit
        << (entry->source.empty() ? "" : "  (" + entry->source + ")") << "\n";
  }
}

void write_files(std::ostream& out, const std::vector<Artefact>& files) {
  std::size_t width = 0;
  for (const Artefact& file : files) width = std::max(width, file.file.size());
  out << "\nFiles:\n";
  for (const Artefact& file : files) {
    out << "  " << std::left << std::setw(static_cast<int>(width)) << file.file << "  " << file.text << "\n";
  }
}

}  // namespace

Json summary_json(const Loaded& loaded, Job& job, const RunFacts& facts) {
  Json keys;
  keys["model"] = loaded.model->name();
  keys["version"] = build_info().version;
  keys["config_digest"] = loaded.digest;
  keys["trace_digest"] = text_or_null(job.trace_digest());
  keys["partial"] = facts.partial;
  keys["sim_cycles"] = facts.cycles;
  keys["sim_time_s"] = sim_time_s(facts);
  keys["wall_s"] = facts.wall_s;
  keys["seed"] = seed_of(job);
  job.summary(keys);
  Json assumed = Json::array();
  for (const auto* entry : assumed_settings(loaded, job)) assumed.push_back(entry->path);
  keys["assumed_settings"] = std::move(assumed);
  keys["region"] = region_json(job);
  return keys;
}

std::string summary_text(const Loaded& loaded, Job& job, const RunFacts& facts,
                         const std::vector<Artefact>& files) {
  std::ostringstream out;
  out << loaded.model->name() << ": " << loaded.model->text() << "\n";
  if (facts.partial) {
    out << "\nPARTIAL RESULT: " << facts.why_partial << "; " << job.done();
    if (job.total() != 0) out << " of " << job.total();
    out << " " << job.unit() << " done.\n";
  }
  char time[64];
  std::snprintf(time, sizeof time, "%.6g s", sim_time_s(facts));
  out << "\nSimulated " << job.done() << " " << job.unit() << " in " << facts.cycles << " cycles = " << time
      << " at " << job.clock_mhz() << " MHz.\n";
  job.summary_text(out);
  if (const auto sampled = job.sampled()) write_sampling(out, *sampled);
  write_assumed(out, loaded, job);
  write_files(out, files);
  return out.str();
}

Json stats_json(const Loaded& loaded, Job& job, const RunFacts& facts, const stats::Group& root) {
  Json json;
  json["schema"] = 1;
  Json& run = json["run"];
  run["model"] = loaded.model->name();
  run["config_digest"] = loaded.digest;
  run["seed"] = seed_of(job);
  run["partial"] = facts.partial;
  run["sim_cycles"] = facts.cycles;
  json["stats"] = stats::to_json(root);
  return json;
}

std::vector<KeyText> generic_summary_keys() {
  return {
      {"model", "", "the model that ran"},
      {"version", "", "version of the program"},
      {"config_digest", "", "SHA-256 of all settings but those of record, log and run"},
      {"trace_digest", "", "digest of the input trace; null without one"},
      {"partial", "", "true when the run ended before its workload did"},
      {"sim_cycles", "cycle", "simulated cycles of the main clock"},
      {"sim_time_s", "s", "simulated time"},
      {"wall_s", "s", "time the simulation took; the only key that differs between equal runs"},
      {"seed", "", "seed of the workload; null when nothing is random"},
      {"assumed_settings", "", "paths of the settings whose values are assumed"},
      {"region", "", "null, or what was sampled: share, windows, extrapolated (keys), ci95_of, ci95"},
  };
}

}  // namespace sim::app
