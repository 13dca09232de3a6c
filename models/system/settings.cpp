// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/settings.h"

#include <algorithm>

#include "models/sme/settings_words.h"

namespace platform {

using sim::config::Meta;
using sim::config::Visitor;

void WorkloadSettings::fields(Visitor& v) {
  v.field("trace", trace, Meta("", "the trace that is played (*.tct), relative to this file"));
  v.field("seed", seed, Meta("", "of what is drawn: nothing at present but the order of `run.shuffle`"));
}

void MapSettings::fields(Visitor& v) {
  v.field("prefill", prefill,
          Meta("",
               "the prompt: ring, computed on the GPUs of the fabric before decoding; none: the cache is "
               "filled as the trace says"));
  v.field("gemv", gemv, Meta("", "unit of the decode products"));
  v.field(
      "gpu_layers", gpu_layers,
      Meta("", "gemv: sme: layers whose products stay on the GPU; the head is the layer behind the last"));
  v.field("encrypted", encrypted, Meta("", "unit of the encrypted layer's modular multiplications"));
  v.field("encrypted_layer", encrypted_layer,
          Meta("", "the layer that is encrypted, of those of which the trace has samples"));
}

void AllmodSettings::fields(Visitor& v) {
  v.field("units", units, Meta("unit", "that take turns with the trace's samples").range(1u, 1024u));
  v.field("clock_mhz", clock_mhz,
          Meta("MHz", "clock of a unit")
              .above(0.0)
              .at_most(1e6)
              .assumed("a digest of the paper says 200 MHz; not found in the paper itself"));
  v.section("multiplier", multiplier, "in front of each lane");
  v.section("port", port, "the memory-mapped port of each");
}

void GpuSettings::fields(Visitor& v) {
  card.fields(v);
  v.field("compute", compute,
          Meta("",
               "times of decode kernels; roofline: a fixed part and the rates below; measured: the trace's "
               "own, where "
               "it has one for just this, else the roofline"));
  v.field("kernel_us", kernel_us,
          Meta("us", "fixed part of a product or an attention: the hand-over from kernel to kernel")
              .range(0.0, 1e6)
              .assumed("order of kernels in one graph"));
  v.field("pq_fixed_us", pq_fixed_us,
          Meta("us", "fixed part of an attention over product-quantised codes: tables, residual, merge")
              .range(0.0, 1e6)
              .assumed("no published figure"));
  v.field("pq_gbytes_per_s", pq_gbytes_per_s,
          Meta("GB/s", "codes that such an attention reads: bound by its look-ups")
              .range(0.001, 1e6)
              .assumed("no published figure"));
  v.field("encode_tflops", encode_tflops,
          Meta("TFLOP/s", "of encoding keys and values, fp32")
              .range(0.001, 1e6)
              .assumed("a third of what such cards have"));
  v.field("other_us", other_us,
          Meta("us", "a layer: norms, rotations, quantising activations, what is between the products")
              .range(0.0, 1e6)
              .assumed("no published figure"));
  v.field("prefill_tops", prefill_tops,
          Meta("TOP/s", "dense INT8 of the prompt's products")
              .above(0.0)
              .at_most(1e6)
              .paper("NVIDIA A10 data sheet: 250"));
  v.field("prefill_share", prefill_share,
          Meta("", "of prefill_tops that they reach")
              .above(0.0)
              .at_most(1.0)
              .assumed("order of large matrix products"));
  v.field("power_w", power_w,
          Meta("W", "of the board, memory included, while kernels run; unknown: no figure")
              .range(0.0, 1e5)
              .word("unknown"));
  v.field("idle_w", idle_w,
          Meta("W", "of the board while none runs; unknown: no figure").range(0.0, 1e5).word("unknown"));
  v.section("unit", unit, "its registers and its way to the memory");
}

void SmeSettings::fields(Visitor& v) {
  v.field("result_bytes", result_bytes,
          Meta("byte", "of a sum as the host reads it: 8, window RESULT, or 4, SHORT_RESULT")
              .range(4u, 8u)
              .choice());
  v.field("chips", chips, Meta("chip", "that share the layers, neighbours together").range(1u, 4096u));
  v.section("port", port, "the memory-mapped port of each");
}

void LinksSettings::fields(Visitor& v) {
  v.field("pj_per_bit", pj_per_bit,
          Meta("pJ/bit", "energy of a bit on a link, headers included; unknown: no figure")
              .range(0.0, 1e6)
              .word("unknown"));
}

void FidelitySettings::fields(Visitor& v) {
  v.field("value", value,
          Meta("",
               "checked: products and reductions are computed and compared with what the trace has; timing: "
               "cycles only"));
  v.field(
      "detail", detail,
      Meta("",
           "event; clocked: chips and reducers count every cycle, the same ones; fast: loosely timed, with "
           "closed forms in place of events and contention approximated; README.md says when to use which"));
  v.field("quantum_us", quantum_us,
          Meta("us",
               "detail: fast: how far a unit's time may run ahead of the others', and the window of "
               "time by whose load contention is estimated")
              .range(0.01, 1e6)
              .choice());
}

void Settings::fields(Visitor& v) {
  v.section("workload", workload, "the trace");
  v.section("map", map, "which unit does what");
  v.field("precision", precision,
          Meta("",
               "weights; trace: what was chosen for each token and layer; thresholds: chosen again, with "
               "threshold_scale; int8, int4: the same for all; fp16: on the GPU only"));
  v.field("threshold_scale", threshold_scale,
          Meta("",
               "with precision: thresholds. FlexQuant's thresholds in the trace times it, against the PPLE "
               "that the trace has for every token: what other precisions would have done to PPLE and to "
               "the tokens is left out")
              .range(0.0, 1e6));
  v.field("kv", kv, Meta("", "key/value cache: fp16, or product-quantised codes (MILLION)"));
  v.field("kv_cache", kv_cache,
          Meta("",
               "preallocated: new keys and values are written behind the others; cat: the cache is copied "
               "once a token and layer, as torch.cat does"));
  v.section("host", host, "the player of the trace");
  v.section("bus", bus, "the link between host and units");
  v.section("hbm", hbm, "the GPU's memory");
  v.section("gpu", gpu, "the GPU");
  v.section("sme", sme_units, "SME chips");
  sme.mapping_fields(v);
  sme.device_fields(v);
  sme.chip_fields(v);
  v.section("tech", sme.tech, "power and area of the chips' parts; configs/tech has tables");
  v.section("schedule", ring.schedule, "the prompt's attention: who sends what to whom");
  v.section("compute", ring.compute, "times of its attention and merge kernels");
  v.field("level", ring.level,
          Meta("", "of the fabric; packet: every packet is an event; train: the same times, bursts at once"));
  v.section("fabric", ring.fabric, "what connects the GPUs");
  v.section("links", links, "their energy");
  v.section("network", ring.network, "how packets are served");
  v.section("allmod", allmod_units, "ALLMod units");
  v.section("design", allmod.design, "the reducers of each unit");
  v.section("cost", allmod.cost, "how their area and frequency are worked out");
  v.section("fidelity", fidelity, "how much is evaluated");
}

bool Settings::on_gpu(unsigned layer) const {
  return map.gemv == GemvUnit::gpu ||
         std::find(map.gpu_layers.begin(), map.gpu_layers.end(), layer) != map.gpu_layers.end();
}

// Settings of units that the configuration does not use decide nothing.
bool Settings::rests_on(const std::string& path) const {
  const auto in = [&path](const char* section) { return path.rfind(section, 0) == 0; };
  const bool chips = in("sme.") || in("sign") || in("mapping") || in("squeeze.") || in("adc.") ||
                     in("crossbar.") || in("devices.") || in("chip.") || in("tech.") || in("reload") ||
                     in("packing") || in("release_empty") || in("depthwise");
  if (chips) return uses_sme();
  if (in("gpu.attention_share") || in("gpu.message_launch_us") || in("gpu.kernel_launch_us") ||
      in("gpu.slowdown") || in("gpu.tflops") || in("gpu.engines")) {
    return prefills();
  }
  if (in("schedule.") || in("compute.") || in("level") || in("fabric.") || in("network.") || in("links.") ||
      in("gpu.prefill_"))
    return prefills();
  if (in("allmod.") || in("design.") || in("cost.")) return encrypts();
  if (in("fidelity.quantum_us")) return fast();
  if (path == "hbm.pj_per_bit")
    return gpu.power_w.is_auto() || gpu.idle_w.is_auto();  // else the board's figure has it
  if (in("gpu.pq_")) return kv == ring::KvFormat::pq;
  return true;
}

const char* word(GemvUnit unit) { return unit == GemvUnit::sme ? "sme" : "gpu"; }
const char* word(Precision precision) {
  return precision == Precision::trace        ? "trace"
         : precision == Precision::thresholds ? "thresholds"
         : precision == Precision::int8       ? "int8"
         : precision == Precision::int4       ? "int4"
                                              : "fp16";
}
const char* word(Cache cache) { return cache == Cache::cat ? "cat" : "preallocated"; }
const char* word(Compute compute) { return compute == Compute::measured ? "measured" : "roofline"; }
const char* word(Detail detail) {
  return detail == Detail::fast ? "fast" : detail == Detail::clocked ? "clocked" : "event";
}
const char* word(ring::KvFormat kv) { return kv == ring::KvFormat::pq ? "pq" : "fp16"; }

}  // namespace platform

namespace sim::config {

using namespace platform;

const std::vector<std::pair<GemvUnit, std::string>>& EnumNames<GemvUnit>::get() {
  static const std::vector<std::pair<GemvUnit, std::string>> names = {{GemvUnit::sme, "sme"},
                                                                      {GemvUnit::gpu, "gpu"}};
  return names;
}
const std::vector<std::pair<Precision, std::string>>& EnumNames<Precision>::get() {
  static const std::vector<std::pair<Precision, std::string>> names = {{Precision::trace, "trace"},
                                                                       {Precision::thresholds, "thresholds"},
                                                                       {Precision::int8, "int8"},
                                                                       {Precision::int4, "int4"},
                                                                       {Precision::fp16, "fp16"}};
  return names;
}
const std::vector<std::pair<Cache, std::string>>& EnumNames<Cache>::get() {
  static const std::vector<std::pair<Cache, std::string>> names = {{Cache::preallocated, "preallocated"},
                                                                   {Cache::cat, "cat"}};
  return names;
}
const std::vector<std::pair<Compute, std::string>>& EnumNames<Compute>::get() {
  static const std::vector<std::pair<Compute, std::string>> names = {{Compute::roofline, "roofline"},
                                                                     {Compute::measured, "measured"}};
  return names;
}
const std::vector<std::pair<Encrypted, std::string>>& EnumNames<Encrypted>::get() {
  static const std::vector<std::pair<Encrypted, std::string>> names = {{Encrypted::none, "none"},
                                                                       {Encrypted::allmod, "allmod"}};
  return names;
}
const std::vector<std::pair<PrefillUnit, std::string>>& EnumNames<PrefillUnit>::get() {
  static const std::vector<std::pair<PrefillUnit, std::string>> names = {{PrefillUnit::none, "none"},
                                                                         {PrefillUnit::ring, "ring"}};
  return names;
}
const std::vector<std::pair<platform::Detail, std::string>>& EnumNames<platform::Detail>::get() {
  static const std::vector<std::pair<platform::Detail, std::string>> names = {
      {platform::Detail::event, "event"},
      {platform::Detail::clocked, "clocked"},
      {platform::Detail::fast, "fast"}};
  return names;
}
const std::vector<std::pair<Value, std::string>>& EnumNames<Value>::get() {
  static const std::vector<std::pair<Value, std::string>> names = {{Value::checked, "checked"},
                                                                   {Value::timing, "timing"}};
  return names;
}

}  // namespace sim::config
