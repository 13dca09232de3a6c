// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Source trace: encrypted layers that a trace holds.
#include <filesystem>

#include "models/allmod/settings.h"

namespace allmod {
namespace {

namespace fs = std::filesystem;
using sim::config::Diagnostics;
using sim::config::Meta;
using sim::config::Resolved;

// Relative to the file that names it, else to the working directory: so that a configuration finds its trace
// from everywhere, and the one that a run wrote finds it from where that run was started.
std::string locate(const std::string& path, const sim::config::Mark& mark) {
  std::error_code ignored;
  if (fs::path(path).is_absolute() || !fs::is_regular_file(mark.file(), ignored)) return path;
  const std::string beside = (fs::path(mark.file()).parent_path() / path).lexically_normal().string();
  return !fs::exists(beside, ignored) && fs::exists(path, ignored) ? path : beside;
}

bool given(const Resolved& resolved, const std::string& path) {
  const Resolved::Entry* entry = resolved.find(path);
  return entry != nullptr && entry->provenance == sim::config::Provenance::user;
}

}  // namespace

void ReplaySettings::fields(sim::config::Visitor& v) {
  v.field("first", first,
          Meta("record", "the first mod_mul record to be executed; 0 is the first of the trace"));
  v.field("parts", parts,
          Meta("record", "mod_mul records to be executed, as far as there are so many")
              .range(std::uint64_t{1}, std::uint64_t{1} << 32)
              .word("all"));
}

void Settings::load_trace(const Resolved& resolved, Diagnostics& diagnostics) {
  const auto error = [&](const std::string& path, const std::string& text) {
    diagnostics.error(resolved.mark(path), path + ": " + text);
  };
  if (workload.source != OperandKind::trace) {
    if (!workload.trace.empty()) {
      error("workload.trace", "given, but the source is not trace; set workload.source=trace");
    }
    return;
  }
  if (workload.trace.empty()) {
    error("workload.source", "trace needs workload.trace, the file");
    return;
  }
  for (const char* path : {"modulus.kind", "modulus.hex", "modulus.seed", "modulus.switch_every"}) {
    if (given(resolved, path)) error(path, "the trace has the modulus; remove it");
  }
  workload.trace = locate(workload.trace, resolved.mark("workload.trace"));
  replay = std::make_shared<TraceReplay>(
      read_replay(workload.trace, workload.replay.first, workload.replay.parts.value_or(UINT64_MAX)));
  const unsigned bits = replay->program->modulus().bits();
  if (design.n != bits) {
    error("design.n", "the modulus of the trace (" + replay->modulus_name + ") has " + std::to_string(bits) +
                          " bits, n is " + std::to_string(design.n) +
                          "; set design.n=" + std::to_string(bits));
  }
}

std::vector<Modulus> Settings::moduli() const {
  if (replay) return {replay->program->modulus()};
  return modulus.all(design.n);
}

}  // namespace allmod
