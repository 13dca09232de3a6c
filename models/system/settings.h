// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/allmod/settings.h"
#include "models/common/gpu_unit.h"
#include "models/common/hbm_config.h"
#include "models/common/host_link.h"
#include "models/common/player.h"
#include "models/ring/settings.h"
#include "models/sme/settings.h"
#include "models/system/trace_survey.h"
#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace platform {

enum class GemvUnit { sme, gpu };
enum class Precision { trace, thresholds, int8, int4, fp16 };
enum class Cache { preallocated, cat };
enum class Compute { roofline, measured };
enum class Value { checked, timing };
enum class Detail { event, clocked, fast };
enum class Encrypted { none, allmod };
enum class PrefillUnit { none, ring };

// `workload:`.
struct WorkloadSettings {
  std::string trace;
  std::uint64_t seed = 1;
  void fields(sim::config::Visitor& v);
};

// `map:`, which unit does what.
struct MapSettings {
  PrefillUnit prefill = PrefillUnit::none;
  GemvUnit gemv = GemvUnit::sme;
  std::vector<unsigned> gpu_layers;
  Encrypted encrypted = Encrypted::none;
  unsigned encrypted_layer = 0;
  void fields(sim::config::Visitor& v);
};

// `gpu:`: the card of model ring, and how it decodes.
struct GpuSettings {
  ring::GpuSettings card;
  Compute compute = Compute::roofline;
  double kernel_us = 2;
  double pq_fixed_us = 10;
  double pq_gbytes_per_s = 3000;
  double encode_tflops = 20;
  double other_us = 6;
  sim::config::Auto<double> power_w, idle_w;
  double prefill_tops = 250, prefill_share = 0.6;
  common::GpuUnitConfig unit;

  void fields(sim::config::Visitor& v);
};

// `sme:`, chips as one sees them from outside.
struct SmeSettings {
  unsigned chips = 1;
  unsigned result_bytes = 8;
  sme::HostPortConfig port;
  void fields(sim::config::Visitor& v);
};

// `allmod:`, units as one sees them from outside.
struct AllmodSettings {
  unsigned units = 1;
  double clock_mhz = 200;
  allmod::MultiplierSettings multiplier;
  allmod::HostPortConfig port;
  void fields(sim::config::Visitor& v);
};

// `links:`, between the GPUs that compute the prompt.
struct LinksSettings {
  sim::config::Auto<double> pj_per_bit;
  void fields(sim::config::Visitor& v);
};

struct FidelitySettings {
  Value value = Value::checked;
  Detail detail = Detail::event;
  double quantum_us = 10;  // of Detail::fast
  void fields(sim::config::Visitor& v);
};

// Everything a configuration of model `system` may say. Sections of the wheels have the paths of the wheels'
// own configurations.
struct Settings {
  WorkloadSettings workload;
  MapSettings map;
  Precision precision = Precision::trace;
  double threshold_scale = 1;
  ring::KvFormat kv = ring::KvFormat::pq;
  Cache kv_cache = Cache::preallocated;
  common::HostConfig host;
  common::BusConfig bus;
  common::HbmConfig hbm;
  GpuSettings gpu;
  SmeSettings sme_units;
  sme::Settings sme;
  AllmodSettings allmod_units;
  allmod::Settings allmod;
  ring::Settings ring;
  LinksSettings links;
  FidelitySettings fidelity;

  std::shared_ptr<const TraceSurvey> survey;  // what check() read

  void fields(sim::config::Visitor& v);
  // Reads the trace once, and hands to the wheels' settings what follows from these; then rules across
  // fields. Throws sim::Error (input) for the trace.
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics);
  bool rests_on(const std::string& path) const;

  bool fast() const { return fidelity.detail == Detail::fast; }
  bool uses_sme() const { return map.gemv == GemvUnit::sme; }
  bool prefills() const { return map.prefill == PrefillUnit::ring; }
  bool encrypts() const { return map.encrypted == Encrypted::allmod; }
  bool on_gpu(unsigned layer) const;  // its products

 private:
  void check_memory(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) const;
  void check_prefill(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics);
  void check_encrypted(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics);
};

const char* word(GemvUnit unit);
const char* word(Precision precision);
const char* word(Cache cache);
const char* word(Compute compute);
const char* word(ring::KvFormat kv);
const char* word(Detail detail);

}  // namespace platform

namespace sim::config {
template <>
struct EnumNames<platform::GemvUnit> {
  static const std::vector<std::pair<platform::GemvUnit, std::string>>& get();
};
template <>
struct EnumNames<platform::Precision> {
  static const std::vector<std::pair<platform::Precision, std::string>>& get();
};
template <>
struct EnumNames<platform::Cache> {
  static const std::vector<std::pair<platform::Cache, std::string>>& get();
};
template <>
struct EnumNames<platform::Compute> {
  static const std::vector<std::pair<platform::Compute, std::string>>& get();
};
template <>
struct EnumNames<platform::Encrypted> {
  static const std::vector<std::pair<platform::Encrypted, std::string>>& get();
};
template <>
struct EnumNames<platform::PrefillUnit> {
  static const std::vector<std::pair<platform::PrefillUnit, std::string>>& get();
};
template <>
struct EnumNames<platform::Detail> {
  static const std::vector<std::pair<platform::Detail, std::string>>& get();
};
template <>
struct EnumNames<platform::Value> {
  static const std::vector<std::pair<platform::Value, std::string>>& get();
};
}  // namespace sim::config
