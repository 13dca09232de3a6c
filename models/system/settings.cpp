// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/settings.h"

#include <algorithm>
#include <filesystem>

#include "models/common/hbm.h"
#include "models/sme/settings_words.h"
#include "models/system/decode_model.h"
#include "sim/core/error.h"

namespace platform {

using sim::config::Diagnostics;
using sim::config::Meta;
using sim::config::Resolved;
using sim::config::Visitor;

namespace {

// Relative to the file that names it, else to the working directory.
std::string locate(const std::string& path, const sim::config::Mark& mark) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (path.empty() || fs::path(path).is_absolute() || !fs::is_regular_file(mark.file(), ignored)) return path;
  const std::string beside = (fs::path(mark.file()).parent_path() / path).lexically_normal().string();
  return !fs::exists(beside, ignored) && fs::exists(path, ignored) ? path : beside;
}

}  // namespace

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

void Settings::check(const Resolved& resolved, Diagnostics& diagnostics) {
  const auto error = [&](const std::string& path, const std::string& text) {
    diagnostics.error(resolved.mark(path), path + ": " + text);
  };
  if (workload.trace.empty()) {
    error("workload.trace", "the platform plays a trace; name one, such as traces/samples/decode.tct");
    return;
  }
  workload.trace = locate(workload.trace, resolved.mark("workload.trace"));
  survey = std::make_shared<TraceSurvey>(survey_trace(workload.trace));
  const TraceSurvey& s = *survey;
  const auto lacks = [&](const std::string& what, const std::string& remedy) {
    throw sim::Error(sim::Exit::input, workload.trace + ": the trace has no " + what + "; " + remedy);
  };
  if (s.tokens == 0 || s.gemvs == 0) {
    lacks("token and gemv records, which decoding plays",
          "write one with `tricycle-workload run ... --tokens N`");
  }
  if (s.attends == 0)
    lacks("kv_attend records, which the GPU's attention needs", "write one with `tricycle-workload run`");
  if (uses_sme() && !s.has_weights && !s.has_digests) {
    lacks("tensor or tile_digest records, which map.gemv: sme maps onto crossbars",
          "write one with `tricycle-workload run ... --weights codes` (or digest), or set map.gemv=gpu");
  }
  for (const unsigned layer : map.gpu_layers) {
    if (layer > s.layers) {
      error("map.gpu_layers", std::to_string(layer) + ", but the trace's model has layers 0 to " +
                                  std::to_string(s.layers - 1) + " and the head, " +
                                  std::to_string(s.layers));
    }
  }
  if (precision == Precision::thresholds && !s.thresholds) {
    error(
        "precision",
        "thresholds, but PPLE against thresholds did not choose the layers of this trace; set precision to "
        "trace, "
        "int8 or int4, or write one with `tricycle-workload run --precision flexquant` and without --share");
  }
  if (uses_sme() && precision == Precision::fp16) {
    error("precision",
          "fp16 weights are not for crossbars; set map.gemv=gpu, or precision to trace, int8 or int4");
  }
  if (gpu.compute == Compute::measured && !s.measured) {
    error("gpu.compute",
          "measured, but the trace has no times; set gpu.compute=roofline, or write one on a GPU with "
          "`tricycle-workload run --backend cuda`");
  }
  if (fidelity.value == Value::checked && uses_sme() && !s.has_weights) {
    error("fidelity.value",
          "checked, but the trace has bit statistics in place of weights; set fidelity.value=timing");
  }
  if (kv == ring::KvFormat::pq && s.kv_format != "pq") {
    error("kv", "pq, but the trace was decoded with a cache of " +
                    (s.kv_format.empty() ? std::string("no format it names") : s.kv_format) +
                    ": it has no codes, no residual and no encoding to play; set kv=fp16, or write one with "
                    "`tricycle-workload run ... --kv pq`");
    return;
  }
  check_memory(resolved, diagnostics);
  std::string key;
  if (const std::string what = common::Hbm::problem(hbm, key); !what.empty()) error("hbm." + key, what);

  // What the wheels' settings take from these.
  sme.workload.trace = workload.trace;
  sme.workload.network.clear();
  sme.quantizer.kind = sme::QuantizerWord::trace;
  sme.inputs.bits = 8;
  sme.inputs.is_signed = true;
  sme.fidelity.detail = fidelity.detail == Detail::clocked ? sme::Detail::clocked : sme::Detail::event;
  sme.fidelity.value =
      fidelity.value == Value::checked ? sme::ValueFidelity::bit_true : sme::ValueFidelity::none;
  if (uses_sme()) sme.check(resolved, diagnostics);
  const unsigned sum_bytes = sme.chip.config.sum_bytes;
  if (uses_sme() && sme_units.result_bytes != 8 && (sme_units.result_bytes != 4 || sum_bytes > 4)) {
    error("sme.result_bytes",
          std::to_string(sme_units.result_bytes) + "; the chips' sums of " + std::to_string(sum_bytes) +
              " bytes (chip.sum_bytes) can be read as words of 8 bytes" + (sum_bytes > 4 ? "" : " or of 4"));
  }
  if (encrypts()) check_encrypted(resolved, diagnostics);
  if (prefills()) check_prefill(resolved, diagnostics);
}

void Settings::check_memory(const Resolved& resolved, Diagnostics& diagnostics) const {
  const std::uint64_t bytes = DecodeModel(*this, *survey).plan().end(), gib = (bytes >> 30) + 1;
  if (bytes <= hbm.gibytes << 30) return;
  diagnostics.error(resolved.mark("hbm.gibytes"),
                    "hbm.gibytes: weights and cache of the trace's model take " + std::to_string(gib) +
                        " GiB, the memory has " + std::to_string(hbm.gibytes) +
                        "; set hbm.gibytes=" + std::to_string(gib) +
                        " at least, or use smaller weights (precision) or a smaller cache (kv=pq)");
}

void Settings::check_prefill(const Resolved& resolved, Diagnostics& diagnostics) {
  if (!survey->prefill) {
    throw sim::Error(sim::Exit::input,
                     workload.trace +
                         ": the trace has no prefill record, which map.prefill: ring needs; write one with "
                         "`tricycle-workload run --prompt ...`, or set map.prefill=none");
  }
  if (ring.level == ring::LevelChoice::closed_form) {
    diagnostics.error(resolved.mark("level"),
                      "level: closed_form has no events to share a platform with; use train or packet");
  }
  ring.workload.trace = workload.trace;
  ring.workload.pad = ring::Padding::pad;
  ring.kv = kv;
  if (survey->kv_format == "pq") {
    ring.pq.sub_vectors = survey->sub_vectors;
    ring.pq.bits = survey->code_bits;
  }
  ring.gpu = gpu.card;
  ring.check(resolved, diagnostics);
}

void Settings::check_encrypted(const Resolved& resolved, Diagnostics& diagnostics) {
  const auto error = [&](const std::string& path, const std::string& text) {
    diagnostics.error(resolved.mark(path), path + ": " + text);
  };
  const TraceSurvey& s = *survey;
  const auto moduli = s.encrypted_layers.find(map.encrypted_layer);
  if (moduli == s.encrypted_layers.end()) {
    std::string there;
    for (const auto& [layer, ids] : s.encrypted_layers)
      there += (there.empty() ? "" : ", ") + std::to_string(layer);
    throw sim::Error(sim::Exit::input,
                     workload.trace + ": the trace has no mod_mul records of layer " +
                         std::to_string(map.encrypted_layer) + ", which map.encrypted: allmod executes; " +
                         (there.empty() ? std::string("write one with `tricycle-workload run ... --encrypt "
                                                      "paillier2048`, or set map.encrypted=none")
                                        : "set map.encrypted_layer to one of " + there));
  }
  if (moduli->second.size() > 1) {
    throw sim::Error(sim::Exit::input,
                     workload.trace + ": the mod_mul records of layer " +
                         std::to_string(map.encrypted_layer) + " have " +
                         std::to_string(moduli->second.size()) +
                         " moduli; a unit holds one: write the trace with one --encrypt modulus");
  }
  const TraceSurvey::Modulus& modulus = s.moduli.at(*moduli->second.begin());
  if (allmod.design.n != modulus.bits) {
    error("design.n", "the modulus of the trace (" + modulus.name + ") has " + std::to_string(modulus.bits) +
                          " bits, n is " + std::to_string(allmod.design.n) +
                          "; set design.n=" + std::to_string(modulus.bits));
    return;
  }
  // What the reducer's settings take from these; a replay of the trace, as model allmod has it.
  auto replay = std::make_shared<allmod::TraceReplay>();
  replay->modulus_name = modulus.name;
  replay->program = std::make_unique<allmod::ChainProgram>(s.modulus(*moduli->second.begin()));
  allmod.clock_mhz = allmod_units.clock_mhz;
  allmod.workload.source = allmod::OperandKind::trace;
  allmod.workload.trace = workload.trace;
  allmod.workload.chain.multiplier = allmod_units.multiplier;
  allmod.host = allmod_units.port;
  allmod.fidelity.detail =
      fidelity.detail == Detail::clocked ? allmod::Detail::clocked : allmod::Detail::event;
  allmod.fidelity.value =
      fidelity.value == Value::checked ? allmod::ValueFidelity::register_true : allmod::ValueFidelity::lazy;
  allmod.replay = std::move(replay);
  allmod.check(resolved, diagnostics);
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
