// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>

#include "sim/app/manifest.h"
#include "sim/app/progress.h"
#include "sim/app/results.h"
#include "sim/app/run_folder.h"
#include "sim/app/settings.h"
#include "sim/core/error.h"

namespace sim::app {

/// What a run left.
struct RunOutcome {
  std::string summary;  ///< summary.txt
  RunFacts facts;
  Exit exit_code = Exit::done;
  std::string failure;          ///< of a failed check or a deadlock; empty = none
  std::vector<Artefact> files;  ///< everything in the run folder
};

/// What a run folder gets: everything, or what `tricycle sweep` and scripts read of it, config.yaml,
/// summary.json, manifest.json and failure.txt (the model may write more while it runs).
enum class Files { all, summary };

/// Elaborates the platform, simulates it and writes every file of the run into `folder`, which the caller
/// publishes. `manifest` holds how the program was called. Takes the job out of `loaded`.
///
/// A failed check (Exit::check) is an outcome: what was simulated is written, with failure.txt. Everything
/// else is thrown: nothing is left of a run that failed before it began, and failure.txt in the partial
/// folder of one that failed later. At most one call a process.
RunOutcome run_platform(Loaded& loaded, RunFolder& folder, Manifest manifest, bool quiet,
                        Progress::Style style, Files files = Files::all);

}  // namespace sim::app
