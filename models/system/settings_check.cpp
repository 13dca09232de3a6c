// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What settings must say together, and with the trace.
#include <algorithm>
#include <filesystem>

#include "models/common/hbm.h"
#include "models/system/decode_model.h"
#include "models/system/settings.h"
#include "sim/core/error.h"

namespace platform {

using sim::config::Diagnostics;
using sim::config::Resolved;

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

}  // namespace platform
