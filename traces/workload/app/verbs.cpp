// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/verbs.h"

#include "traces/workload/calibrate/commands.h"

namespace workload {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"run", "run a model and write a trace", run},
      {"calibrate", "find a model's layer order, thresholds and codebooks", calibrate_command},
      {"evaluate", "measure perplexity and KL of precisions and KV formats", evaluate_command},
      {"bench", "time kernels and decode steps on a GPU", bench},
  };
  return kVerbs;
}

}  // namespace workload
