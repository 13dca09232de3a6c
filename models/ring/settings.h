// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/chakra/import.h"
#include "models/ring/function/costs.h"
#include "models/ring/function/schedule.h"
#include "models/ring/network/hardware.h"
#include "models/ring/topology/settings.h"
#include "models/ring/trace_blocks.h"
#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace ring {

enum class LevelChoice { packet, train, closed_form };
enum class ComputeModel { automatic, fixed, table, trace, roofline };
enum class ValueChoice { timing, functional };
enum class Padding { refuse, pad };

/// `schedule:`.
struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::token_ring_zigzag;
  unsigned ulysses = 2, nodes = 2;
  sim::config::Auto<unsigned> rings;

  void fields(sim::config::Visitor& v);
};

/// `workload.chakra_options:`, how a Chakra execution trace is read.
struct ChakraSettings {
  chakra::Algorithm collectives = chakra::Algorithm::ring;
  bool rendezvous = false;
  bool roofline = false;
  std::string groups;
  void fields(sim::config::Visitor& v);
};

/// `workload:`, the attention of one layer. What is open comes from the trace, else from LLaMA-2-7B.
struct WorkloadSettings {
  std::string trace;
  std::string chakra;  // prefix of a Chakra execution trace, which takes the place of a schedule
  ChakraSettings chakra_options;
  sim::config::Auto<std::uint64_t> seq_len;
  sim::config::Auto<unsigned> heads, kv_heads, head_dim, bytes_per_element;
  sim::config::Auto<unsigned> layer;
  bool causal = true;
  std::uint64_t chunk_tokens = 0;
  Padding pad = Padding::refuse;
  std::uint64_t seed = 1;

  void fields(sim::config::Visitor& v);
};

/// `pq:`, of kv: pq.
struct PqSettings {
  unsigned sub_vectors = 64, bits = 8;
  void fields(sim::config::Visitor& v);
};

/// An element of `compute.table:`.
struct BlockRow {
  std::uint64_t q_tokens = 1, kv_tokens = 1;
  bool causal = false;
  double seconds = 0;
  void fields(sim::config::Visitor& v);
};

/// `compute:`, times of attention kernels.
struct ComputeSettings {
  ComputeModel model = ComputeModel::automatic;
  sim::config::Auto<double> block_time_s;
  std::vector<BlockRow> table;
  bool merge = true;
  void fields(sim::config::Visitor& v);
};

/// `gpu:`, what one GPU is.
struct GpuSettings {
  std::string name = "A10";
  double tflops = 125, attention_share = 0.5, hbm_gbytes_per_s = 600;
  double kernel_launch_us = 3, message_launch_us = 3;
  unsigned engines = 2;
  std::vector<double> slowdown = {1.0};
  void fields(sim::config::Visitor& v);
};

/// An element of `faults:`.
struct FaultSettings {
  Fault::Kind kind = Fault::Kind::link_down;
  double at_us = 0;
  std::string from, to;
  bool both_ways = true;
  unsigned lanes = 0;
  std::string gpu;
  double factor = 1;
  void fields(sim::config::Visitor& v);
};

/// `network:`, how packets are served.
struct NetworkSettings {
  ArbiterKind arbiter = ArbiterKind::round_robin;
  double retry_latency_ns = 0;
  std::uint64_t seed = 1;
  void fields(sim::config::Visitor& v);
};

/// `beside:`, what is printed beside the simulated steps.
struct BesideSettings {
  std::string published_source;
  std::vector<double> published_ms;
  std::string prediction_text;
  double prediction_gbytes_per_s = 0;
  double prediction_block_ms = 0;
  double prediction_latency_us = 0;
  void fields(sim::config::Visitor& v);
};

struct FidelitySettings {
  ValueChoice value = ValueChoice::timing;
  void fields(sim::config::Visitor& v);
};

/// Everything a configuration of model `ring` may say.
struct Settings {
  FabricSettings fabric;
  ScheduleSettings schedule;
  WorkloadSettings workload;
  KvFormat kv = KvFormat::fp16;
  PqSettings pq;
  ComputeSettings compute;
  GpuSettings gpu;
  NetworkSettings network;
  std::vector<FaultSettings> faults;
  LevelChoice level = LevelChoice::train;
  FidelitySettings fidelity;
  BesideSettings beside;

  std::shared_ptr<const TraceBlocks> trace;          ///< what load() read; null without workload.trace
  std::shared_ptr<const Network> built;              ///< what check() built
  std::shared_ptr<const chakra::Imported> imported;  ///< what check() read; null without workload.chakra

  void fields(sim::config::Visitor& v);

  /// Reads the trace, if there is one, and builds the fabric; then rules across fields. Throws
  /// sim::Error(Exit::input) for the trace.
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics);
  bool rests_on(const std::string& path) const;

  /// Of `gpus` GPUs; as the configuration says unless given.
  ScheduleOptions options(unsigned gpus) const;
  ScheduleOptions options() const { return options(gpus()); }
  unsigned gpus() const { return built ? built->fabric.gpus : fabric.gpus; }
  /// Padded where the schedule needs it and padding is allowed.
  Problem problem(const Schedule& schedule) const;
  /// What settings mean without padding.
  Problem problem() const;
  /// "token_ring", "chakra".
  std::string schedule_word() const;
  chakra::ImportOptions chakra_import() const;
  ComputeModel compute_model() const;
  /// Times of blocks, for clusters of any size: block_time_s belongs to the configured one.
  std::unique_ptr<BlockModel> block_model(const Problem& problem) const;
  Costs costs(const BlockModel& block) const;
  Hardware hardware(const Fabric& network_fabric) const;
};

const char* word(LevelChoice level);

}  // namespace ring

namespace sim::config {
template <>
struct EnumNames<ring::LevelChoice> {
  static const std::vector<std::pair<ring::LevelChoice, std::string>>& get();
};
template <>
struct EnumNames<ring::ComputeModel> {
  static const std::vector<std::pair<ring::ComputeModel, std::string>>& get();
};
template <>
struct EnumNames<ring::chakra::Algorithm> {
  static const std::vector<std::pair<ring::chakra::Algorithm, std::string>>& get();
};
template <>
struct EnumNames<ring::ValueChoice> {
  static const std::vector<std::pair<ring::ValueChoice, std::string>>& get();
};
template <>
struct EnumNames<ring::Padding> {
  static const std::vector<std::pair<ring::Padding, std::string>>& get();
};
template <>
struct EnumNames<ring::ScheduleKind> {
  static const std::vector<std::pair<ring::ScheduleKind, std::string>>& get();
};
template <>
struct EnumNames<ring::KvFormat> {
  static const std::vector<std::pair<ring::KvFormat, std::string>>& get();
};
template <>
struct EnumNames<ring::Fault::Kind> {
  static const std::vector<std::pair<ring::Fault::Kind, std::string>>& get();
};
template <>
struct EnumNames<ring::ArbiterKind> {
  static const std::vector<std::pair<ring::ArbiterKind, std::string>>& get();
};
}  // namespace sim::config
