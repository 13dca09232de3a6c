// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/settings.h"

#include <cmath>

#include "sim/core/error.h"

namespace ring {

using sim::config::Meta;
using sim::config::Visitor;

void ScheduleSettings::fields(Visitor& v) {
  v.field("kind", kind, Meta("", "who sends what to whom; models/ring/README.md describes each"));
  v.field("ulysses", ulysses, Meta("GPU", "ulysses_ring: of an all-to-all group").range(1u, 65536u));
  v.field("nodes", nodes, Meta("node", "multi_node: between which K and V circulate").range(1u, 65536u));
  v.field("rings", rings,
          Meta("ring", "multi_ring: how many of the edge-disjoint ones").range(1u, 65536u).word("all"));
}

void WorkloadSettings::fields(Visitor& v) {
  v.field(
      "trace", trace,
      Meta("",
           "a .tct file whose prefill gives sizes and block times, relative to the file that names it (else "
           "to the working directory); empty = none"));
  v.field("chakra", chakra,
          Meta("",
               "a Chakra execution trace, files PREFIX.RANK.et, instead of a schedule; relative to the file "
               "that names "
               "it (else to the working directory); empty = none"));
  v.section("chakra_options", chakra_options, "how that trace is read");
  v.field("seq_len", seq_len,
          Meta("token", "S; auto = the trace's, without a trace 24000")
              .range(std::uint64_t{1}, std::uint64_t{1} << 40));
  v.field("heads", heads, Meta("head", "H, of queries; auto = the trace's, else 32").range(1u, 1024u));
  v.field("kv_heads", kv_heads,
          Meta("head", "of keys and values; auto = the trace's, else heads").range(1u, 1024u));
  v.field("head_dim", head_dim, Meta("", "d; auto = the trace's, else 128").range(1u, 4096u));
  v.field("bytes_per_element", bytes_per_element,
          Meta("B", "of Q, K, V and Out on the wire; auto = the trace's, else 2").range(1u, 8u));
  v.field("layer", layer,
          Meta("", "layer of the trace whose block times count; mean = of all layers")
              .range(0u, 65535u)
              .word("mean"));
  v.field("causal", causal,
          Meta("", "a token sees the ones before it; false: all of them, as in diffusion transformers"));
  v.field("chunk_tokens", chunk_tokens,
          Meta("token",
               "chunked prefill: new tokens of one pass over all keys so far; 0 = all tokens in one pass"));
  v.field("pad", pad, Meta("", "tokens that do not divide among the GPUs: an error, or some more of them"));
  v.field("seed", seed, Meta("", "fidelity.value=functional: of Q, K and V"));
}

void ChakraSettings::fields(Visitor& v) {
  v.field("collectives", collectives, Meta("", "messages that a COMM_COLL_NODE is taken apart into"));
  v.field("rendezvous", rendezvous, Meta("", "a message also waits for what its COMM_RECV_NODE waits for"));
  v.field("roofline", roofline,
          Meta("",
               "nodes without a duration take num_ops at gpu.tflops x attention_share, or tensor_size at "
               "gpu.hbm_gbytes_per_s; false: they are refused"));
  v.field(
      "groups", groups,
      Meta("",
           "JSON file with the ranks of process groups, {\"NAME\": [0, 1], ...}; empty = PREFIX.groups.json "
           "where there is one"));
}

void PqSettings::fields(Visitor& v) {
  v.field("sub_vectors", sub_vectors,
          Meta("", "M, codes of one key or value").range(1u, 4096u).code("MILLION: M = 64 at d = 128"));
  v.field("bits", bits, Meta("bit", "length of a code").range(1u, 16u).code("MILLION: nbits = 8"));
}

void BlockRow::fields(Visitor& v) {
  v.field("q_tokens", q_tokens, Meta("token", "queries of the block").at_least(std::uint64_t{1}));
  v.field("kv_tokens", kv_tokens, Meta("token", "keys of the block").at_least(std::uint64_t{1}));
  v.field("causal", causal, Meta("", "the queries are the last of the keys, and masked"));
  v.field("seconds", seconds, Meta("s", "of the block, all heads").range(0.0, 1e6));
}

void ComputeSettings::fields(Visitor& v) {
  v.field("model", model,
          Meta("",
               "where block times come from; auto: block_time_s, else the table, else the trace, else the "
               "roofline"));
  v.field(
      "block_time_s", block_time_s,
      Meta("s",
           "of S/N queries over S/N keys, all heads, unmasked; other blocks in proportion to query-key pairs "
           "(a zigzag step is half of it); overrides every other model")
          .range(0.0, 1e6)
          .word("none"));
  v.list("table", table, "measured blocks; others are interpolated over query-key pairs");
  v.field(
      "merge", merge,
      Meta("", "merge kernels take the time of their memory traffic (gpu.hbm_gbytes_per_s); false: none"));
}

void GpuSettings::fields(Visitor& v) {
  v.field("name", name, Meta("", "for people"));
  v.field("tflops", tflops,
          Meta("TFLOP/s", "dense fp16 with fp32 sums")
              .above(0.0)
              .at_most(1e6)
              .paper("NVIDIA A10 data sheet: 125"));
  v.field("attention_share", attention_share,
          Meta("", "of tflops that an attention kernel reaches")
              .above(0.0)
              .at_most(1.0)
              .assumed("half; published attention kernels reach 0.35 to 0.75"));
  v.field("hbm_gbytes_per_s", hbm_gbytes_per_s,
          Meta("GB/s", "memory").above(0.0).at_most(1e6).paper("NVIDIA A10 data sheet: 600"));
  v.field("kernel_launch_us", kernel_launch_us,
          Meta("us", "from a kernel's turn in the stream to its first instruction")
              .range(0.0, 1000.0)
              .assumed("order of a CUDA kernel behind an event"));
  v.field("message_launch_us", message_launch_us,
          Meta("us", "from a message's turn to its first byte")
              .range(0.0, 4000.0)
              .assumed("order of a communication kernel behind an event"));
  v.field("engines", engines,
          Meta("engine", "messages that a GPU can be sending at one time").range(1u, 4096u));
  v.field("slowdown", slowdown,
          Meta("",
               "how many times longer a compute kernel takes while its GPU is sending 0, 1, 2 .. messages; "
               "the last "
               "entry holds for more")
              .range(1.0, 1000.0)
              .assumed("no disturbance"));
}

void FaultSettings::fields(Visitor& v) {
  v.field("kind", kind, Meta("", "what happens"));
  v.field("at_us", at_us, Meta("us", "when").range(0.0, 1e12));
  v.field("from", from, Meta("", "link_down, link_up, degrade: name of a GPU or switch"));
  v.field("to", to, Meta("", "link_down, link_up, degrade: name of a GPU or switch"));
  v.field("both_ways", both_ways, Meta("", "the direction back as well"));
  v.field("lanes", lanes, Meta("lane", "degrade: that are left").range(0u, 4096u));
  v.field("gpu", gpu, Meta("", "slow_gpu: its name"));
  v.field("factor", factor, Meta("", "slow_gpu: how many times longer its kernels take").range(1.0, 1e6));
}

void NetworkSettings::fields(Visitor& v) {
  v.field("arbiter", arbiter, Meta("", "who goes first among packets that want the same link or port"));
  v.field("retry_latency_ns", retry_latency_ns,
          Meta("ns", "to find a bad CRC and turn back to it, beside the way there and back")
              .range(0.0, 1e9)
              .assumed("nothing but the way"));
  v.field("seed", seed, Meta("", "of bit errors"));
}

void BesideSettings::fields(Visitor& v) {
  v.field("published_ms", published_ms,
          Meta("ms", "published step times, printed beside ours").range(0.0, 1e9));
  v.field("published_source", published_source, Meta("", "where they were published"));
  v.field("prediction_text", prediction_text, Meta("", "what the prediction below rests on"));
  v.field(
      "prediction_gbytes_per_s", prediction_gbytes_per_s,
      Meta("GB/s", "the same schedule where every message has that rate for itself, in closed form; 0 = none")
          .range(0.0, 1e6));
  v.field("prediction_latency_us", prediction_latency_us,
          Meta("us", "of a message of the prediction").range(0.0, 1e6));
  v.field("prediction_block_ms", prediction_block_ms,
          Meta("ms", "block_time_s of the prediction, without slowdown; 0 = as simulated").range(0.0, 1e9));
}

void FidelitySettings::fields(Visitor& v) {
  v.field(
      "value", value,
      Meta(
          "",
          "timing: sizes and times only; functional: Q, K, V and results are moved and computed as well, and "
          "compared with attention on one device"));
}

void Settings::fields(Visitor& v) {
  v.field(
      "level", level,
      Meta("",
           "packet: every packet is an event; train: the same times, bursts at once; closed_form: formulas"));
  v.section("schedule", schedule, "who sends what to whom");
  v.section("workload", workload, "attention of one layer, forward; backward passes are not modelled");
  v.field("kv", kv,
          Meta("", "keys and values on the wire: as they are, or product-quantised codes (MILLION)"));
  v.section("pq", pq, "kv: pq");
  v.section("compute", compute, "times of attention and merge kernels");
  v.section("gpu", gpu, "one GPU");
  v.section("fabric", fabric, "what connects the GPUs");
  v.section("network", network, "how packets are served");
  v.list("faults", faults, "what breaks, and when");
  v.section("fidelity", fidelity, "how much is evaluated");
  v.section("beside", beside, "figures printed beside the simulated steps");
}

ScheduleOptions Settings::options(unsigned gpus) const {
  ScheduleOptions o;
  o.kind = schedule.kind;
  o.gpus = gpus;
  o.ulysses = schedule.ulysses;
  o.nodes = schedule.nodes;
  o.rings = schedule.rings.value_or(0);
  return o;
}

Problem Settings::problem() const {
  const TraceBlocks* t = trace.get();
  Problem p;
  p.seq_len = workload.seq_len.value_or(t != nullptr ? t->tokens : 24000);
  p.real_tokens = p.seq_len;
  p.heads = workload.heads.value_or(t != nullptr ? t->heads : 32);
  p.kv_heads = workload.kv_heads.value_or(t != nullptr ? t->kv_heads : p.heads);
  p.head_dim = workload.head_dim.value_or(t != nullptr ? t->head_dim : 128);
  p.bytes_per_element = workload.bytes_per_element.value_or(t != nullptr ? t->bytes_per_element : 2);
  p.kv = kv;
  p.pq_sub_vectors = pq.sub_vectors;
  p.pq_bits = pq.bits;
  p.causal = workload.causal;
  p.chunk_tokens = workload.chunk_tokens;
  return p;
}

Problem Settings::problem(const Schedule& s) const {
  const Problem p = problem();
  return workload.pad == Padding::pad ? padded(s, p) : p;
}

std::string Settings::schedule_word() const { return imported ? "chakra" : word(schedule.kind); }

chakra::ImportOptions Settings::chakra_import() const {
  const ChakraSettings& c = workload.chakra_options;
  chakra::ImportOptions o;
  o.collectives = c.collectives;
  o.rendezvous = c.rendezvous;
  o.groups_file = c.groups;
  if (c.roofline) {
    o.tflops = gpu.tflops * gpu.attention_share;
    o.memory_gbytes_per_s = gpu.hbm_gbytes_per_s;
  }
  return o;
}

ComputeModel Settings::compute_model() const {
  if (!compute.block_time_s.is_auto()) return ComputeModel::fixed;
  if (compute.model != ComputeModel::automatic) return compute.model;
  if (!compute.table.empty()) return ComputeModel::table;
  return trace && !trace->blocks.empty() ? ComputeModel::trace : ComputeModel::roofline;
}

std::unique_ptr<BlockModel> Settings::block_model(const Problem& p) const {
  std::vector<TableBlock::Row> rows;
  switch (compute_model()) {
    case ComputeModel::fixed:
      return std::make_unique<FixedBlock>(*compute.block_time_s.value,
                                          static_cast<double>(p.pass_tokens()) / gpus(), p.heads);
    case ComputeModel::table:
      for (const BlockRow& row : compute.table) {
        rows.push_back({row.q_tokens, row.kv_tokens, row.causal, row.seconds, p.heads});
      }
      return std::make_unique<TableBlock>(rows, "compute.table, other sizes interpolated");
    case ComputeModel::trace:
      for (const TraceBlocks::Block& block : trace->blocks) {
        if (workload.layer.is_auto() || *workload.layer.value == block.layer) rows.push_back(block.row);
      }
      return std::make_unique<TableBlock>(
          rows, "blocks measured on " + trace->device + " (the trace, " +
                    (workload.layer.is_auto() ? "mean of " + std::to_string(trace->layers) + " layers"
                                              : "layer " + std::to_string(*workload.layer.value)) +
                    "), other sizes interpolated");
    case ComputeModel::automatic:
    case ComputeModel::roofline:
      break;
  }
  return std::make_unique<RooflineBlock>(
      RooflineBlock::Gpu{gpu.tflops, gpu.attention_share, gpu.hbm_gbytes_per_s}, p);
}

Costs Settings::costs(const BlockModel& block) const {
  Costs c;
  c.block = &block;
  c.merge_gbytes_per_s = compute.merge ? gpu.hbm_gbytes_per_s : 0;
  c.kernel_launch_s = gpu.kernel_launch_us * 1e-6;
  c.message_launch_s = gpu.message_launch_us * 1e-6;
  return c;
}

bool Settings::rests_on(const std::string& path) const {
  if (path.rfind("fabric.", 0) == 0) return fabric.rests_on(path.substr(7));
  if (path.rfind("pq.", 0) == 0) return kv == KvFormat::pq;
  const bool roofline =
      imported ? workload.chakra_options.roofline : compute_model() == ComputeModel::roofline;
  if (imported && path == "gpu.kernel_launch_us") return false;  // nodes are what they are
  if (imported && path == "gpu.hbm_gbytes_per_s") return roofline;
  if (path == "gpu.tflops" || path == "gpu.attention_share") return roofline;
  if (path == "gpu.hbm_gbytes_per_s") return roofline || compute.merge;
  if (path == "network.retry_latency_ns") {
    return fabric.link.bit_error_rate > 0 || fabric.uplink.bit_error_rate > 0 ||
           fabric.node_link.bit_error_rate > 0 || fabric.host_link.bit_error_rate > 0;
  }
  return path.rfind("beside.", 0) != 0;
}

const char* word(LevelChoice level) {
  switch (level) {
    case LevelChoice::packet:
      return "packet";
    case LevelChoice::train:
      return "train";
    case LevelChoice::closed_form:
      break;
  }
  return "closed_form";
}

}  // namespace ring

namespace sim::config {

const std::vector<std::pair<ring::LevelChoice, std::string>>& EnumNames<ring::LevelChoice>::get() {
  static const std::vector<std::pair<ring::LevelChoice, std::string>> names = {
      {ring::LevelChoice::packet, "packet"},
      {ring::LevelChoice::train, "train"},
      {ring::LevelChoice::closed_form, "closed_form"}};
  return names;
}

const std::vector<std::pair<ring::ComputeModel, std::string>>& EnumNames<ring::ComputeModel>::get() {
  static const std::vector<std::pair<ring::ComputeModel, std::string>> names = {
      {ring::ComputeModel::automatic, "auto"},
      {ring::ComputeModel::fixed, "fixed"},
      {ring::ComputeModel::table, "table"},
      {ring::ComputeModel::trace, "trace"},
      {ring::ComputeModel::roofline, "roofline"}};
  return names;
}

const std::vector<std::pair<ring::chakra::Algorithm, std::string>>&
EnumNames<ring::chakra::Algorithm>::get() {
  static const std::vector<std::pair<ring::chakra::Algorithm, std::string>> names = {
      {ring::chakra::Algorithm::ring, "ring"},
      {ring::chakra::Algorithm::direct, "direct"},
      {ring::chakra::Algorithm::tree, "tree"}};
  return names;
}

const std::vector<std::pair<ring::ValueChoice, std::string>>& EnumNames<ring::ValueChoice>::get() {
  static const std::vector<std::pair<ring::ValueChoice, std::string>> names = {
      {ring::ValueChoice::timing, "timing"}, {ring::ValueChoice::functional, "functional"}};
  return names;
}

const std::vector<std::pair<ring::Padding, std::string>>& EnumNames<ring::Padding>::get() {
  static const std::vector<std::pair<ring::Padding, std::string>> names = {{ring::Padding::refuse, "refuse"},
                                                                           {ring::Padding::pad, "pad"}};
  return names;
}

const std::vector<std::pair<ring::ScheduleKind, std::string>>& EnumNames<ring::ScheduleKind>::get() {
  return ring::schedule_words();
}

const std::vector<std::pair<ring::KvFormat, std::string>>& EnumNames<ring::KvFormat>::get() {
  static const std::vector<std::pair<ring::KvFormat, std::string>> names = {{ring::KvFormat::fp16, "fp16"},
                                                                            {ring::KvFormat::pq, "pq"}};
  return names;
}

const std::vector<std::pair<ring::Fault::Kind, std::string>>& EnumNames<ring::Fault::Kind>::get() {
  static const std::vector<std::pair<ring::Fault::Kind, std::string>> names = {
      {ring::Fault::Kind::link_down, "link_down"},
      {ring::Fault::Kind::link_up, "link_up"},
      {ring::Fault::Kind::degrade, "degrade"},
      {ring::Fault::Kind::slow_gpu, "slow_gpu"}};
  return names;
}

const std::vector<std::pair<ring::ArbiterKind, std::string>>& EnumNames<ring::ArbiterKind>::get() {
  static const std::vector<std::pair<ring::ArbiterKind, std::string>> names = {
      {ring::ArbiterKind::round_robin, "round_robin"}, {ring::ArbiterKind::oldest_first, "oldest_first"}};
  return names;
}

}  // namespace sim::config
